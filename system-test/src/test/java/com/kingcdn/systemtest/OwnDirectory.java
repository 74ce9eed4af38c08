package com.kingcdn.systemtest;

import java.nio.file.Path;

/** A directory of this JVM's alone: the build runs tests in some beside each other, and names each by {@code kingcdn.test.jvm}. */
final class OwnDirectory {

    private static final String JVM = System.getProperty("kingcdn.test.jvm", "jvm-1");

    private OwnDirectory() {}

    /** The one for files of this kind, which need not exist. */
    static Path of(String kind) {
        if (!JVM.matches("jvm-[0-9]+")) {
            throw new IllegalStateException("kingcdn.test.jvm must be jvm-1, jvm-2 and so on, not '" + JVM
                    + "': JVMs beside each other would share their files");
        }
        return Path.of("target", kind, JVM).toAbsolutePath();
    }
}
