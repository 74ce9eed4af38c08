package com.kingcdn.systemtest;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The seconds in which a redirector rebuilds its map, by the CPU that the thread which does it takes as the kernel counts it. */
final class RebuildSeconds implements AutoCloseable {

    private static final String REBUILDING = "snapshot-compil";
    private static final long PERIOD_NANOS = 100_000_000;

    /** More than what looking for something to do takes. */
    private static final int LEAST_MILLIS = 50;

    private static final int MILLIS_PER_TICK = 10;

    /** What the load says of each second, and from when on, in milliseconds of the system's clock. */
    private static final Pattern EACH = Pattern.compile("each second from (\\d+) on:((?: [\\d.]+)+)");

    private record Sample(long atMillis, long ticks) {}

    private final Path thread;
    private final List<Sample> samples = new ArrayList<>();
    private final Thread sampler = new Thread(this::sample, "rebuild-seconds");
    private volatile boolean closed;

    RebuildSeconds(long pid) throws IOException {
        thread = thread(pid);
        sampler.start();
    }

    private static Path thread(long pid) throws IOException {
        try (DirectoryStream<Path> all = Files.newDirectoryStream(Path.of("/proc/" + pid + "/task"))) {
            for (Path each : all) {
                if (Files.readString(each.resolve("comm")).strip().equals(REBUILDING)) {
                    return each.resolve("stat");
                }
            }
        }
        throw new NoSuchFileException("a thread named " + REBUILDING);
    }

    private void sample() {
        while (!closed) {
            try {
                String stat = Files.readString(thread);
                String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
                samples.add(new Sample(
                        System.currentTimeMillis(), Long.parseLong(fields[11]) + Long.parseLong(fields[12])));
            } catch (IOException e) {
                return;
            }
            LockSupport.parkNanos(PERIOD_NANOS);
        }
    }

    /** What the load says of those seconds and of the others, or nothing if it does not tell of each. */
    String of(String result) {
        close();
        Matcher each = EACH.matcher(result);
        if (!each.find()) {
            return "";
        }
        long from = Long.parseLong(each.group(1));
        String[] shares = each.group(2).strip().split(" ");
        long[] ticks = new long[shares.length];
        for (int i = 1; i < samples.size(); i++) {
            long second = Math.floorDiv(samples.get(i - 1).atMillis() - from, 1000L);
            if (second >= 0 && second < shares.length) {
                ticks[(int) second] +=
                        samples.get(i).ticks() - samples.get(i - 1).ticks();
            }
        }
        int rebuilding = 0;
        double inRebuilds = 0;
        double inOthers = 0;
        for (int second = 0; second < shares.length; second++) {
            if (ticks[second] * MILLIS_PER_TICK >= LEAST_MILLIS) {
                rebuilding++;
                inRebuilds += Double.parseDouble(shares[second]);
            } else {
                inOthers += Double.parseDouble(shares[second]);
            }
        }
        return "%d seconds of rebuilds: %.2f %% above 0.5 ms, the others %.2f %%; "
                .formatted(
                        rebuilding,
                        inRebuilds / Math.max(1, rebuilding),
                        inOthers / Math.max(1, shares.length - rebuilding));
    }

    @Override
    public void close() {
        closed = true;
        try {
            sampler.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
