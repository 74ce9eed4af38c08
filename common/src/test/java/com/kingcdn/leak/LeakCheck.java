package com.kingcdn.leak;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.util.List;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Fails a test class after which a leaked buffer is reported. Registered for all classes by {@code META-INF/services}; a buffer is found
 * once its garbage is collected, so the leak may be that of a class before.
 */
@NullMarked
public final class LeakCheck implements AfterAllCallback {

    @Override
    public void afterAll(ExtensionContext context) {
        List<String> leaks = find();
        if (!leaks.isEmpty()) {
            throw new AssertionError("LEAK, in " + context.getDisplayName() + " or a class before it: " + leaks);
        }
    }

    static List<String> find() {
        System.gc();
        // Netty looks for what was collected when it makes a buffer
        for (int i = 0; i < 3; i++) {
            ByteBuf buffer = PooledByteBufAllocator.DEFAULT.directBuffer(16);
            buffer.release();
        }
        return RememberingLeakDetector.take();
    }
}
