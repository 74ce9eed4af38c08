package com.kingcdn.edge.store;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An entry as far as its readers go: what they still want, and how they wait for it.
 *
 * <p>Guarded by this, whose lock each method takes itself, or says that its caller holds.
 */
abstract class EntryReaders extends EntryClaims {

    /** What {@link #await} found. */
    enum Await {
        /** Look again: the octet is there. */
        READY,
        /** The reader will be told. */
        WAITING,
        /** Nobody has it or brings it. */
        MISSING
    }

    /** Most entries are read from memory, without any. */
    private List<EntryReader> readers = List.of();

    /** How many are about to come, and may want anything. */
    private int expected;

    /** What those who are about to come have missed, if so. */
    private @Nullable Throwable failure;

    EntryReaders(Metadata metadata) {
        super(metadata);
    }

    /** The content's length in octets; the most there is while it is not known. */
    abstract long lengthOrMax();

    /** Whether missing blocks can be fetched for certain from the same version. */
    abstract boolean isRefillable();

    // -------------------------------------------------------------------------------------------- coming and going

    /** Whether there are none, and none about to come. The caller holds the lock. */
    boolean isUnread() {
        return readers.isEmpty() && expected == 0;
    }

    /** Adds one, who may have missed a failure. */
    void add(EntryReader reader) {
        Throwable missed;
        synchronized (this) {
            if (readers.isEmpty()) {
                readers = new ArrayList<>(2);
            }
            readers.add(reader);
            missed = failure;
        }
        if (missed != null) {
            reader.fail(missed);
        }
    }

    void remove(EntryReader reader) {
        synchronized (this) {
            if (!readers.isEmpty()) {
                readers.remove(reader);
            }
            if (readers.isEmpty()) {
                readers = List.of();
            }
        }
        tellUnwanted();
    }

    /** One more is about to come. */
    void expectOne() {
        synchronized (this) {
            expected++;
        }
    }

    /** One who was about to come is here, or does not come. */
    void expectOneLess() {
        synchronized (this) {
            expected--;
            if (expected == 0) {
                failure = null;
            }
        }
        tellUnwanted();
    }

    /** Has those who are about to come told of a failure as if they had been there. */
    void failExpected(Throwable cause) {
        synchronized (this) {
            if (expected > 0) {
                failure = cause;
            }
        }
    }

    // --------------------------------------------------------------------------------------------------- waiting

    /** Looks again for an octet, and has the reader told when it comes. */
    Await await(EntryReader reader, int index, int offset) {
        EntryOnDisk.Load load = EntryOnDisk.Load.UNDER_WAY;
        synchronized (this) {
            // first who brings it, then whether it is there: asked in this order, one of the two sees what is being
            // written
            EntryWriter writer = writerOf(index);
            if (blocks().has(index, offset) || reader.position() >= lengthOrMax()) {
                return Await.READY;
            }
            if (writer != null && writer.reachesSoon(index)) {
                writer.await(reader);
            } else {
                load = blocks().awaitLoad(index, reader);
            }
        }
        if (load == EntryOnDisk.Load.NONE) {
            return Await.MISSING;
        }
        if (load == EntryOnDisk.Load.TO_BE_STARTED) {
            blocks().load(index);
        }
        advanced(reader);
        return Await.WAITING;
    }

    // --------------------------------------------------------------------------------------------- what they want

    /** Whether a reader is at a block, or will be soon. The caller holds the lock. */
    boolean needSoon(Block block) {
        if (expected > 0) {
            return true;
        }
        long start = Blocks.start(block.index());
        long end = start + block.capacity();
        for (EntryReader reader : readers) {
            if (reader.position() < end && reader.end() > start && start <= reader.position() + CacheEntry.READ_AHEAD) {
                return true;
            }
        }
        return false;
    }

    /**
     * Whether somebody wants what a writer has yet to bring, and is near enough to be worth its waiting, or cannot get it otherwise. A
     * block that is begun counts as a whole: it would be lost with its writer.
     */
    boolean want(EntryWriter writer) {
        long begun = Blocks.start(Blocks.at(writer.position()));
        boolean only = !isRefillable();
        synchronized (this) {
            if (expected > 0) {
                return true;
            }
            for (EntryReader reader : readers) {
                if (reader.end() > begun
                        && reader.position() < writer.end()
                        && (only || reader.position() + 4L * CacheEntry.READ_AHEAD >= writer.position())) {
                    return true;
                }
            }
        }
        return false;
    }
}
