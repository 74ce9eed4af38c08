package com.kingcdn.leak;

import io.netty.util.ResourceLeakDetector;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.NullMarked;

/**
 * Netty's detector of buffers that were dropped without a release, which also keeps what it reports. Netty makes one for each kind of
 * buffer, by the name in {@code io.netty.customResourceLeakDetector}.
 */
@NullMarked
public final class RememberingLeakDetector<T> extends ResourceLeakDetector<T> {

    private static final List<String> REPORTED = new CopyOnWriteArrayList<>();

    /** Called by Netty. */
    public RememberingLeakDetector(Class<?> resourceType, int samplingInterval) {
        super(resourceType, samplingInterval);
    }

    /** Called by Netty. */
    public RememberingLeakDetector(Class<?> resourceType, int samplingInterval, long maxActive) {
        super(resourceType, samplingInterval);
    }

    /** What was reported since this was last asked. */
    static List<String> take() {
        List<String> taken = List.copyOf(REPORTED);
        REPORTED.removeAll(taken);
        return taken;
    }

    @Override
    protected void reportTracedLeak(String resourceType, String records) {
        REPORTED.add(resourceType + " was not released; it was used by: " + records);
        super.reportTracedLeak(resourceType, records);
    }

    @Override
    protected void reportUntracedLeak(String resourceType) {
        REPORTED.add(resourceType + " was not released");
        super.reportUntracedLeak(resourceType);
    }
}
