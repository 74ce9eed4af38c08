package com.kingcdn.redirector.registry;

import com.kingcdn.control.ControlJson;
import com.kingcdn.redirector.registry.ControlStoreException.Kind;
import com.kingcdn.storage.DurableFile;
import io.prometheus.client.Gauge;
import io.prometheus.client.Histogram;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
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
 *
 * <p>After a failed write or sync changes are refused, because what the file holds then is unknown (a second sync may claim success for lost
 * pages), until the state's present content, without what was refused, stands in a next generation: tried every few seconds. Answering DNS
 * and edges goes on from memory.
 */
public final class JournalControlStore implements ControlStore {

    private static final Logger log = LoggerFactory.getLogger(JournalControlStore.class);

    private static final int QUEUE = 4096;
    private static final int MAX_BATCH_BYTES = 1024 * 1024;
    /** Of one change: with a batch before it, it must fit into a frame. */
    private static final int MAX_CHANGE_BYTES = JournalFile.MAX_PAYLOAD - 2 * MAX_BATCH_BYTES;

    /** Compaction makes changes wait, so not before this much has come. */
    private static final int GROWTH = 4;

    /** After a compaction in vain, as for want of room: the file it was for is whole. */
    private static final int GROWTH_AFTER_FAILURE = 2;

    private static final Duration RETRY = Duration.ofSeconds(5);

    private static final int CLOSE_SECONDS = 10;

    private static final Gauge WRITABLE = Gauge.build(
                    "kingcdn_redirector_journal_writable", "1 while changes are accepted, 0 while the disk takes none")
            .register();
    private static final Gauge SIZE = Gauge.build(
                    "kingcdn_redirector_journal_size_bytes", "Size of the control journal's present file")
            .register();
    private static final Histogram SYNC = Histogram.build(
                    "kingcdn_redirector_journal_sync_seconds", "Time to write and sync one group of changes")
            .buckets(.0005, .001, .002, .005, .01, .02, .05, .1, .5, 2)
            .register();

    private final Path directory;
    private final long compactAtBytes;
    private final Duration retry;
    private final JournalFile.Disk disk;
    private final BlockingQueue<PendingChange> queue = new ArrayBlockingQueue<>(QUEUE);
    private final Thread writer = new Thread(this::writeLoop, "control-journal");

    private @Nullable ControlState state;
    private @Nullable JournalDirectory files;
    private @Nullable JournalFile file;
    private long generation;
    private long compactAboveBytes;
    private volatile boolean unwritable;
    private volatile boolean stopped;

    /**
     * @param directory made when absent
     * @param compactAtBytes a file smaller than this is never compacted
     */
    public JournalControlStore(Path directory, long compactAtBytes) {
        this(directory, compactAtBytes, RETRY, FileChannel::open);
    }

    /** @param retry from one attempt to write again to the next */
    JournalControlStore(Path directory, long compactAtBytes, Duration retry, JournalFile.Disk disk) {
        this.directory = directory;
        this.compactAtBytes = compactAtBytes;
        this.retry = retry;
        this.disk = disk;
        writer.setDaemon(true);
    }

    @Override
    public void open(ControlState opened) {
        this.state = opened;
        try {
            JournalDirectory taken = JournalDirectory.take(directory);
            files = taken;
            generation = taken.newest();
            if (generation == 0) {
                startGeneration(1, List.of());
            } else {
                JournalFile found = JournalFile.open(taken.path(generation), frame -> replay(frame, opened), disk);
                compactAfter(found, GROWTH);
                file = found;
            }
            taken.removeAllBut(generation);
        } catch (IOException e) {
            throw new ControlStoreException(Kind.STOPPED, "cannot open the journal in " + directory + ": " + e, e);
        }
        WRITABLE.set(1);
        writer.start();
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
        if (stopped || unwritable) {
            throw notAccepting(null);
        }
        PendingChange pending = new PendingChange(change);
        if (pending.json().length > MAX_CHANGE_BYTES) {
            // the writer would end with it
            throw new ControlStoreException(
                    Kind.TOO_LONG,
                    "a change of " + pending.json().length
                            + " bytes is longer than the journal takes: make it in parts",
                    null);
        }
        if (!queue.offer(pending)) {
            throw new ControlStoreException(Kind.BUSY, QUEUE + " changes wait to be written; try again", null);
        }
        if (stopped && queue.remove(pending)) {
            // the writer may have gone between the two looks
            throw notAccepting(null);
        }
        return pending.done();
    }

    private ControlStoreException notAccepting(@Nullable Throwable cause) {
        return new ControlStoreException(
                stopped ? Kind.STOPPED : Kind.UNWRITABLE,
                "the control journal in " + directory
                        + (stopped
                                ? " accepts no changes until a restart"
                                : " cannot be written; try again when its disk takes writes"),
                cause);
    }

    private void writeLoop() {
        List<PendingChange> batch = new ArrayList<>();
        try {
            boolean open = true;
            while (open) {
                open = takeBatch(batch);
                try {
                    commit(batch);
                    if (open) {
                        compactIfGrown();
                    }
                } catch (IOException e) {
                    failed(e);
                    batch.forEach(pending -> pending.done().completeExceptionally(notAccepting(e)));
                    open = open && recover();
                }
                batch.clear();
            }
        } catch (InterruptedException | RuntimeException | Error e) {
            // want of memory too: without this thread whoever changes something would wait for ever
            log.error("the control journal in {} cannot be kept; changes are refused until a restart", directory, e);
            WRITABLE.set(0);
            stopped = true;
            batch.forEach(pending -> pending.done().completeExceptionally(notAccepting(e)));
        }
        stopped = true;
        for (PendingChange pending = queue.poll(); pending != null; pending = queue.poll()) {
            pending.done().completeExceptionally(notAccepting(null));
        }
    }

    /** Accepts nothing from now on, and takes what is refused out of the file before anybody is told: the process may end at any time. */
    private void failed(IOException failure) {
        unwritable = true;
        WRITABLE.set(0);
        log.error(
                "the control journal in {} cannot be written; changes are refused until it can, tried every {} s",
                directory,
                retry.toSeconds(),
                failure);
        try {
            Objects.requireNonNull(file).dropUnforced();
        } catch (IOException e) {
            log.warn(
                    "{} may keep what was refused just now, should this process end first: {}",
                    directory,
                    e.toString());
        }
    }

    /**
     * Refuses changes until all that holds stands in a file of its own.
     *
     * @return false when the store is closed meanwhile
     */
    private boolean recover() throws InterruptedException {
        JournalFile failed = Objects.requireNonNull(file);
        while (unwritable) {
            if (!refuseMeanwhile()) {
                return false;
            }
            try {
                startGeneration(generation + 1, Objects.requireNonNull(state).changes());
                unwritable = false;
            } catch (IOException e) {
                log.debug("the control journal in {} cannot be written yet", directory, e);
            }
        }
        removeBefore(failed);
        WRITABLE.set(1);
        log.warn("the control journal in {} is written again; changes are accepted", directory);
        return true;
    }

    /** Refuses what comes until it is time to try again; false when the store is closed. */
    private boolean refuseMeanwhile() throws InterruptedException {
        long end = System.nanoTime() + retry.toNanos();
        for (long left = retry.toNanos(); left > 0; left = end - System.nanoTime()) {
            @Nullable PendingChange next = queue.poll(left, TimeUnit.NANOSECONDS);
            if (next != null && next.isEnd()) {
                return false;
            }
            if (next != null) {
                next.done().completeExceptionally(notAccepting(null));
            }
        }
        return true;
    }

    /** Waits for one change, then takes those that wait behind it, up to the batch's size; false when the last one has been taken. */
    private boolean takeBatch(List<PendingChange> batch) throws InterruptedException {
        int bytes = 0;
        @Nullable PendingChange next = queue.take();
        while (next != null && !next.isEnd()) {
            batch.add(next);
            bytes += next.json().length;
            next = bytes < MAX_BATCH_BYTES ? queue.poll() : null;
        }
        return next == null;
    }

    private void commit(List<PendingChange> batch) throws IOException {
        if (batch.isEmpty()) {
            return;
        }
        JournalFile journal = Objects.requireNonNull(file);
        ControlState target = Objects.requireNonNull(state);
        Histogram.Timer timer = SYNC.startTimer();
        journal.append(array(batch.stream().map(PendingChange::json).toList()));
        journal.force();
        timer.observeDuration();
        SIZE.set((double) journal.size());
        for (PendingChange pending : batch) {
            target.apply(Objects.requireNonNull(pending.change()));
            pending.done().complete(null);
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
        if (grown.size() < compactAboveBytes) {
            return;
        }
        JournalFile next;
        try {
            next = write(generation + 1, Objects.requireNonNull(state).changes());
        } catch (IOException e) {
            compactAfter(grown, GROWTH_AFTER_FAILURE);
            log.warn("the control journal in {} could not be compacted and grows on: {}", directory, e.toString());
            return;
        }
        begin(generation + 1, next);
        removeBefore(grown);
        log.info("compacted the control journal from {} to {} bytes", grown.size(), next.size());
    }

    private void startGeneration(long number, List<ControlChange> content) throws IOException {
        begin(number, write(number, content));
    }

    /** A file of that content under a temporary name; none is left when it cannot be written. */
    private JournalFile write(long number, List<ControlChange> content) throws IOException {
        Path temporary = files().temporary(number);
        JournalFile next = JournalFile.create(temporary, disk);
        try {
            for (ControlChange change : content) {
                next.append(array(List.of(ControlJson.mapper().writeValueAsBytes(change))));
            }
            next.force();
            return next;
        } catch (IOException e) {
            discard(next, temporary);
            throw e;
        }
    }

    /** It takes room that others want, also without a name as long as it is open. */
    private static void discard(JournalFile unused, Path temporary) throws IOException {
        unused.close();
        Files.deleteIfExists(temporary);
    }

    private void begin(long number, JournalFile written) throws IOException {
        Path temporary = files().temporary(number);
        try {
            DurableFile.replace(temporary, files().path(number));
        } catch (IOException e) {
            discard(written, temporary);
            throw e;
        }
        file = written;
        generation = number;
        compactAfter(written, GROWTH);
        SIZE.set((double) written.size());
    }

    private JournalDirectory files() {
        return Objects.requireNonNull(files);
    }

    private void compactAfter(JournalFile written, int growth) {
        compactAboveBytes = Math.max(compactAtBytes, growth * written.size());
    }

    /** Older generations count for nothing any more, so one that cannot be removed is left to the next start. */
    private void removeBefore(JournalFile older) {
        try {
            older.close();
            files().removeAllBut(generation);
        } catch (IOException e) {
            log.debug("an older control journal in {} is left", directory, e);
        }
    }

    @Override
    public void close() {
        stopped = true;
        try {
            // in line behind what was accepted; never an interrupt, which would close the channel under the writer
            if (writer.isAlive() && queue.offer(new PendingChange(null), CLOSE_SECONDS, TimeUnit.SECONDS)) {
                writer.join(TimeUnit.SECONDS.toMillis(CLOSE_SECONDS));
            }
            if (file != null) {
                file.close();
            }
            if (files != null) {
                files.close();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            log.warn("closing the control journal in {}", directory, e);
        }
    }
}
