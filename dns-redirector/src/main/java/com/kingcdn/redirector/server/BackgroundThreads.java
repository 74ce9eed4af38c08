package com.kingcdn.redirector.server;

import com.kingcdn.foreign.ForeignFunctions;
import java.io.IOException;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The threads of this process that answer no query over UDP or TCP: compilers, control API, rebuilding, and what the collector does beside
 * the program. On a core that all share they get what answers leave over, at a nice value of {@value #LOWER} above the process's own, which
 * asks for no privilege; what works for seconds gets the last of all (ADR 31). Threads of the collector for which everything waits keep theirs.
 */
public final class BackgroundThreads {

    /** A tenth of the weight of a thread that answers. */
    static final int LOWER = 10;

    private static final Logger LOG = LoggerFactory.getLogger(BackgroundThreads.class);
    private static final Path THREADS = Path.of("/proc/self/task");
    /** A thread's name as the kernel knows it. */
    private static final int LONGEST_NAME = 15;

    private static final String ANSWERING = "dns-";
    /** These rebuild the map, and keep what is measured. */
    private static final Set<String> FOR_LONG = Set.of("snapshot-compil", "rtt-keeper");

    private static final Set<String> COMPILERS = Set.of("C1 CompilerThre", "C2 CompilerThre");
    /** Marks, and keeps track of references; those for which everything waits have other names. */
    private static final String BESIDE_THE_PROGRAM = "G1 ";

    private static final int ONE_THREAD = 0;
    private static final int LOWEST = 19;

    private BackgroundThreads() {}

    /**
     * Lowers those that run, and with them all that they start later; none where the system cannot be asked. Once everything has started,
     * so that nothing waits for the start.
     */
    public static void lower() {
        if (!MessageCalls.isAvailable()) {
            return;
        }
        Set<String> names = Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> !name.startsWith(ANSWERING))
                .map(name -> name.substring(0, Math.min(name.length(), LONGEST_NAME)))
                .collect(Collectors.toSet());
        names.addAll(COMPILERS);
        try (DirectoryStream<Path> threads = Files.newDirectoryStream(THREADS)) {
            ForeignFunctions functions = ForeignFunctions.ofThisProcess();
            MethodHandle get = functions.find("getpriority", int.class, int.class, int.class);
            MethodHandle set = functions.find("setpriority", int.class, int.class, int.class, int.class);
            // that of the thread which only waits for Java's main
            int own = (int)
                    get.invokeExact(ONE_THREAD, (int) ProcessHandle.current().pid());
            int lower = Math.min(own + LOWER, LOWEST);
            int lowered = 0;
            for (Path thread : threads) {
                String name = name(thread);
                if (names.contains(name) || name.startsWith(BESIDE_THE_PROGRAM)) {
                    int nice = FOR_LONG.contains(name) ? LOWEST : lower;
                    int id = Integer.parseInt(thread.getFileName().toString());
                    lowered += (int) set.invokeExact(ONE_THREAD, id, nice) == 0 ? 1 : 0;
                }
            }
            LOG.debug("{} threads that answer no queries have nice {} or more now", lowered, lower);
        } catch (Throwable e) {
            LOG.debug("all threads keep their priority", e);
        }
    }

    /** Empty when the thread has ended. */
    private static String name(Path thread) {
        try {
            return Files.readString(thread.resolve("comm"), StandardCharsets.ISO_8859_1)
                    .strip();
        } catch (IOException e) {
            return "";
        }
    }
}
