package com.kingcdn.redirector.registry;

import com.kingcdn.control.ControlJson;
import com.kingcdn.redirector.registry.ControlStoreException.Kind;
import com.kingcdn.storage.DirectoryLock;
import com.kingcdn.storage.DurableFile;
import io.prometheus.client.Gauge;
import io.prometheus.client.Histogram;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;

/**
 * The embedded form of the store: a journal file in a directory of this process alone.
 *
 * <p>One thread writes. It takes all changes that wait, writes them as one frame (a JSON array), syncs once, applies them and
 * acknowledges them: group commit, so the rate of purges is not bound by the disk's sync rate. When the file has grown fourfold, the state's
 * present content is written as the next generation under a temporary name, synced and renamed; the older generation goes after that.
 * A failed write or sync stops the store, because what the file holds then is unknown (a second sync may claim success for lost pages);
 * answering DNS and edges goes on from memory.
 */
public final class JournalControlStore implements ControlStore {

    private static final Logger log = LoggerFactory.getLogger(JournalControlStore.class);

    private static final Pattern GENERATION = Pattern.compile("control-(\\d{10})\\.journal");
    private static final int QUEUE = 4096;
    private static final int MAX_BATCH_BYTES = 1024 * 1024;
    /** Of one change: with a batch before it, it must fit into a frame. */
    private static final int MAX_CHANGE_BYTES = JournalFile.MAX_PAYLOAD - 2 * MAX_BATCH_BYTES;

    /** Compaction makes changes wait, so not before this much has come. */
    private static final int GROWTH = 4;

    private static final int CLOSE_SECONDS = 10;

    private static final Gauge WRITABLE = Gauge.build(
                    "kingcdn_redirector_journal_writable", "1 while changes are accepted, 0 after a failure to write")
            .register();
    private static final Gauge SIZE = Gauge.build(
                    "kingcdn_redirector_journal_size_bytes", "Size of the control journal's present file")
            .register();
    private static final Histogram SYNC = Histogram.build(
                    "kingcdn_redirector_journal_sync_seconds", "Time to write and sync one group of changes")
            .buckets(.0005, .001, .002, .005, .01, .02, .05, .1, .5, 2)
            .register();

    /** A change on its way to the disk; the end of the queue when there is no change. */
    private static final class Pending {

        private final @Nullable ControlChange change;
        private final byte[] json;
        private final CompletableFuture<Void> done = new CompletableFuture<>();

        private Pending(@Nullable ControlChange change) {
            this.change = change;
            this.json = ControlJson.mapper().writeValueAsBytes(change);
        }

        private boolean isEnd() {
            return change == null;
        }
    }

    private final Path directory;
    private final long compactAtBytes;
    private final BlockingQueue<Pending> queue = new ArrayBlockingQueue<>(QUEUE);
    private final Thread writer = new Thread(this::writeLoop, "control-journal");

    private @Nullable ControlState state;
    private @Nullable DirectoryLock lock;
    private @Nullable JournalFile file;
    private long generation;
    private long sizeAfterCompaction;
    private volatile boolean stopped;

    /**
     * @param directory made when absent
     * @param compactAtBytes a file smaller than this is never compacted
     */
    public JournalControlStore(Path directory, long compactAtBytes) {
        this.directory = directory;
        this.compactAtBytes = compactAtBytes;
        writer.setDaemon(true);
    }

    @Override
    public void open(ControlState opened) {
        this.state = opened;
        try {
            DurableFile.createDirectories(directory);
            lock();
            generation = newestGeneration();
            if (generation == 0) {
                startGeneration(1, List.of());
            } else {
                file = JournalFile.open(path(generation), frame -> replay(frame, opened));
                sizeAfterCompaction = file.size();
            }
            removeAllBut(generation);
        } catch (IOException e) {
            throw new ControlStoreException(Kind.STOPPED, "cannot open the journal in " + directory + ": " + e, e);
        }
        WRITABLE.set(1);
        writer.start();
    }

    private void lock() throws IOException {
        lock = DirectoryLock.take(directory, "control.lock")
                .orElseThrow(() -> new ControlStoreException(
                        Kind.STOPPED, "another redirector runs with the state directory " + directory, null));
    }

    private long newestGeneration() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.mapToLong(JournalControlStore::generationOf).max().orElse(0);
        }
    }

    private static long generationOf(Path path) {
        Matcher matcher = GENERATION.matcher(path.getFileName().toString());
        return matcher.matches() ? Long.parseLong(matcher.group(1)) : 0;
    }

    private void removeAllBut(long kept) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            for (Path path : files.toList()) {
                long of = generationOf(path);
                if ((of != 0 && of != kept) || path.toString().endsWith(".journal.new")) {
                    Files.deleteIfExists(path);
                }
            }
        }
    }

    private Path path(long of) {
        return directory.resolve(String.format("control-%010d.journal", of));
    }

    private static void replay(byte[] frame, ControlState state) {
        ControlChange[] changes;
        try {
            changes = ControlJson.mapper().readValue(frame, ControlChange[].class);
        } catch (JacksonException e) {
            throw new ControlStoreException(
                    Kind.DAMAGED, "the journal holds a change this version does not know: " + e.getMessage(), e);
        }
        for (ControlChange change : changes) {
            state.apply(change);
        }
    }

    @Override
    public CompletableFuture<Void> append(ControlChange change) {
        if (stopped) {
            throw notAccepting(null);
        }
        Pending pending = new Pending(change);
        if (pending.json.length > MAX_CHANGE_BYTES) {
            // the writer would end with it
            throw new ControlStoreException(
                    Kind.TOO_LONG,
                    "a change of " + pending.json.length + " bytes is longer than the journal takes: make it in parts",
                    null);
        }
        if (!queue.offer(pending)) {
            throw new ControlStoreException(Kind.BUSY, QUEUE + " changes wait to be written; try again", null);
        }
        if (stopped && queue.remove(pending)) {
            // the writer may have gone between the two looks
            throw notAccepting(null);
        }
        return pending.done;
    }

    private ControlStoreException notAccepting(@Nullable Throwable cause) {
        return new ControlStoreException(
                Kind.STOPPED, "the control journal in " + directory + " accepts no changes until a restart", cause);
    }

    private void writeLoop() {
        List<Pending> batch = new ArrayList<>();
        try {
            while (takeBatch(batch)) {
                commit(batch);
                batch.clear();
                compactIfGrown();
            }
            commit(batch);
        } catch (InterruptedException | IOException | RuntimeException | Error e) {
            // want of memory too: without this thread whoever changes something would wait for ever
            log.error("the control journal in {} cannot be written; changes are refused until a restart", directory, e);
            WRITABLE.set(0);
            batch.forEach(pending -> pending.done.completeExceptionally(notAccepting(e)));
        }
        stopped = true;
        for (Pending pending = queue.poll(); pending != null; pending = queue.poll()) {
            pending.done.completeExceptionally(notAccepting(null));
        }
    }

    /** Waits for one change, then takes those that wait behind it, up to the batch's size; false when the last one has been taken. */
    private boolean takeBatch(List<Pending> batch) throws InterruptedException {
        int bytes = 0;
        @Nullable Pending next = queue.take();
        while (next != null && !next.isEnd()) {
            batch.add(next);
            bytes += next.json.length;
            next = bytes < MAX_BATCH_BYTES ? queue.poll() : null;
        }
        return next == null;
    }

    private void commit(List<Pending> batch) throws IOException {
        if (batch.isEmpty()) {
            return;
        }
        JournalFile journal = Objects.requireNonNull(file);
        ControlState target = Objects.requireNonNull(state);
        Histogram.Timer timer = SYNC.startTimer();
        journal.append(array(batch.stream().map(pending -> pending.json).toList()));
        journal.force();
        timer.observeDuration();
        SIZE.set((double) journal.size());
        for (Pending pending : batch) {
            target.apply(Objects.requireNonNull(pending.change));
            pending.done.complete(null);
        }
    }

    private static byte[] array(List<byte[]> values) {
        ByteArrayOutputStream json = new ByteArrayOutputStream();
        json.write('[');
        for (int i = 0; i < values.size(); i++) {
            if (i > 0) {
                json.write(',');
            }
            json.writeBytes(values.get(i));
        }
        json.write(']');
        return json.toByteArray();
    }

    private void compactIfGrown() throws IOException {
        JournalFile grown = Objects.requireNonNull(file);
        if (grown.size() < compactAtBytes || grown.size() < GROWTH * sizeAfterCompaction) {
            return;
        }
        long before = grown.size();
        startGeneration(generation + 1, Objects.requireNonNull(state).changes());
        grown.close();
        removeAllBut(generation);
        log.info("compacted the control journal from {} to {} bytes", before, sizeAfterCompaction);
    }

    private void startGeneration(long number, List<ControlChange> content) throws IOException {
        Path temporary = directory.resolve(path(number).getFileName() + ".new");
        JournalFile next = JournalFile.create(temporary);
        for (ControlChange change : content) {
            next.append(array(List.of(ControlJson.mapper().writeValueAsBytes(change))));
        }
        next.force();
        DurableFile.replace(temporary, path(number));
        file = next;
        generation = number;
        sizeAfterCompaction = next.size();
        SIZE.set((double) next.size());
    }

    @Override
    public void close() {
        stopped = true;
        try {
            // in line behind what was accepted; never an interrupt, which would close the channel under the writer
            if (writer.isAlive() && queue.offer(new Pending(null), CLOSE_SECONDS, TimeUnit.SECONDS)) {
                writer.join(TimeUnit.SECONDS.toMillis(CLOSE_SECONDS));
            }
            if (file != null) {
                file.close();
            }
            if (lock != null) {
                lock.close();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            log.warn("closing the control journal in {}", directory, e);
        }
    }
}
