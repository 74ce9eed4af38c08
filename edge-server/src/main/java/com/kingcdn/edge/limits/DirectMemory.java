package com.kingcdn.edge.limits;

import io.netty.util.internal.PlatformDependent;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;

/** The direct memory of this process: Netty's own count where it keeps one, else the JVM's. */
public final class DirectMemory {

    private static final List<BufferPoolMXBean> POOLS =
            ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                    .filter(pool -> pool.getName().equals("direct"))
                    .toList();

    private DirectMemory() {}

    /** Octets that may still be taken. */
    public static long free() {
        long used = PlatformDependent.usedDirectMemory();
        if (used < 0) {
            used = POOLS.stream().mapToLong(BufferPoolMXBean::getMemoryUsed).sum();
        }
        return PlatformDependent.maxDirectMemory() - used;
    }
}
