package com.kingcdn.edge;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.NullMarked;

/** File systems of the kernel's that fail a process for real: commands that run another one on them. Both end with the process. */
@NullMarked
final class RealDisk {

    private static final String MOUNT =
            "mkdir -p \"$0\" && mount -t tmpfs -o \"$1\" tmpfs \"$0\" && shift && exec \"$@\"";

    private RealDisk() {}

    /**
     * The directory is a file system of 24 MiB. Where the machine does not let its users mount one, files end at 1 MiB instead: there too
     * writes fail, of which a part has been written.
     */
    static List<String> small(Path directory) throws IOException, InterruptedException {
        return canMount() ? mounted(directory, "size=24m") : List.of("sh", "-c", "ulimit -f 2048; exec \"$@\"", "sh");
    }

    /** The directory is a file system that cannot be written; where that cannot be mounted, it is one that cannot be made. */
    static List<String> readOnly(Path directory) throws IOException, InterruptedException {
        if (canMount()) {
            return mounted(directory, "ro");
        }
        return List.of("sh", "-c", "touch \"$0\" && exec \"$@\"", directory.toString());
    }

    private static List<String> mounted(Path directory, String options) {
        List<String> command = new ArrayList<>(namespaces());
        command.addAll(List.of("sh", "-c", MOUNT, directory.toString(), options));
        return command;
    }

    private static List<String> namespaces() {
        return List.of("unshare", "--user", "--map-root-user", "--mount");
    }

    private static boolean canMount() throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(namespaces());
        command.addAll(List.of("mount", "-t", "tmpfs", "tmpfs", "/tmp"));
        try {
            Process mount = new ProcessBuilder(command)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return mount.waitFor(10, TimeUnit.SECONDS) && mount.exitValue() == 0;
        } catch (IOException notInstalled) {
            return false;
        }
    }
}
