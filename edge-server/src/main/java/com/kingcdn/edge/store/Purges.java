package com.kingcdn.edge.store;

import com.kingcdn.edge.store.PurgeTable.Purge;
import com.kingcdn.edge.store.PurgeTable.Verdict;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The purges that are about more than one key: the table of the latest ones, and the file that keeps it for the entries on disk. What
 * the file has lost is made up for by a soft purge of everything.
 *
 * <p>Safe for all threads; only {@link #open} and {@link #commit} touch the disk.
 */
final class Purges {

    /** How many scopes are kept before entries are compared with them in the background, so that they can be forgotten. */
    static final int MOST_SCOPES = 65_536;

    /** The table may grow to so many times that, while the comparison is under way. */
    private static final int GROWTH = 4;

    /** A file shorter than this is never written anew for its length. */
    private static final long LEAST_REWRITE = 1 << 20;

    private static final Logger LOGGER = LoggerFactory.getLogger(Purges.class);

    private final PurgeTable table = new PurgeTable();
    private final @Nullable PurgeJournal journal;
    private final int mostScopes;

    /** Purges that are not in the file; guarded by itself. */
    private final List<Purge> uncommitted = new ArrayList<>();

    // of whoever commits, one at a time
    private boolean rewriteDue = true;
    private long lengthAfterRewrite;

    private boolean failing;

    /** The purge that makes up for what the file has lost; of whoever opens this. */
    private long madeUpAt = Long.MAX_VALUE;

    /** The number of the latest purge in the file. */
    private long recorded;

    private Purges(@Nullable PurgeJournal journal, int mostScopes) {
        this.journal = journal;
        this.mostScopes = mostScopes;
    }

    /**
     * Reads the file, if there is a directory for one.
     *
     * @param mostScopes {@link #MOST_SCOPES} but for tests
     */
    static Purges open(@Nullable Path directory, SegmentFiles.ChannelOpener opener, int mostScopes) {
        Purges purges = new Purges(directory == null ? null : new PurgeJournal(directory, opener), mostScopes);
        if (purges.journal != null && !purges.journal.read(purges.table::raise, purges.table::apply)) {
            purges.lost();
        }
        purges.recorded = purges.table.current();
        return purges;
    }

    /**
     * Takes note of the highest generation of the entries on disk: they cannot have been stored after the last purge that was known. When
     * purges were lost, what makes up for them has to come after it, for their numbers are given again; and so have those that were made
     * since the file was read, for they are about these entries too.
     */
    void restored(long generation) {
        if (generation > recorded || generation >= madeUpAt) {
            synchronized (uncommitted) {
                List<Purge> since = table.purges();
                since.removeIf(purge -> purge.generation() <= recorded);
                table.raise(generation);
                lost();
                since.forEach(purge -> purge(purge.scope(), purge.soft()));
            }
        }
    }

    /** Has everything that is stored validated: removals, or the record of purges, were lost. */
    void lost() {
        if (madeUpAt == Long.MAX_VALUE) {
            LOGGER.warn("The record of purges on disk is not whole: all that is stored will be validated before use");
        }
        purge(PurgeScope.EVERYTHING, true);
        madeUpAt = table.current();
    }

    /** Purges a scope, from now on. */
    void purge(PurgeScope scope, boolean soft) {
        synchronized (uncommitted) {
            Purge purge = table.purge(scope, soft);
            if (journal != null) {
                uncommitted.add(purge);
            }
        }
        if (table.size() > GROWTH * mostScopes) {
            table.merge();
        }
    }

    /** The number of the latest purge. */
    long generation() {
        return table.current();
    }

    int size() {
        return table.size();
    }

    boolean isCrowded() {
        return table.size() > mostScopes;
    }

    Verdict verdict(Metadata metadata) {
        return table.verdict(metadata.key(), metadata.tags(), metadata.generation());
    }

    /** Forgets purges up to this one, which has been compared with every entry from before it. */
    void forgetUpTo(long generation) {
        table.forgetUpTo(generation);
    }

    boolean isCommitted() {
        synchronized (uncommitted) {
            return uncommitted.isEmpty();
        }
    }

    /** Makes all purges so far survive a power cut: one write for however many there are. */
    synchronized void commit() throws IOException {
        if (journal == null) {
            return;
        }
        List<Purge> batch;
        synchronized (uncommitted) {
            batch = List.copyOf(uncommitted);
        }
        if (batch.isEmpty()) {
            return;
        }
        try {
            write(journal, batch);
        } catch (IOException e) {
            failed(journal, e);
            throw e;
        }
        if (failing) {
            failing = false;
            LOGGER.info("Purges are recorded beside the segments again");
        }
        synchronized (uncommitted) {
            uncommitted.subList(0, batch.size()).clear();
        }
    }

    private void write(PurgeJournal file, List<Purge> batch) throws IOException {
        if (rewriteDue || file.length() > Math.max(LEAST_REWRITE, 2 * lengthAfterRewrite)) {
            // what was purged meanwhile may be in it already; it does no harm to be there twice
            file.rewrite(table.current(), table.purges());
            rewriteDue = false;
            lengthAfterRewrite = file.length();
        } else {
            file.append(batch);
        }
    }

    private void failed(PurgeJournal file, IOException failure) {
        rewriteDue = true;
        if (!failing) {
            failing = true;
            LOGGER.warn(
                    "Purges cannot be recorded beside the segments: {}. They are applied, and not acknowledged until they can be",
                    failure.toString());
        }
        try {
            file.close();
        } catch (IOException e) {
            failure.addSuppressed(e);
        }
    }

    synchronized void close() {
        if (journal != null) {
            try {
                commit();
                journal.close();
            } catch (IOException e) {
                LOGGER.warn("Closing the record of purges failed: {}", e.toString());
            }
        }
    }
}
