package com.kingcdn.edge.limits;

import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/** The files and sockets that this process may have open at the same time ({@code ulimit -n}). */
public final class OpenFiles {

    private OpenFiles() {}

    /** How many, at least 1; {@link Integer#MAX_VALUE} where the machine does not say. */
    public static int most() {
        long most = ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
                ? unix.getMaxFileDescriptorCount()
                : -1;
        return most <= 0 ? Integer.MAX_VALUE : (int) Math.min(Integer.MAX_VALUE, most);
    }
}
