package com.kingcdn.redirector.transfer;

import com.kingcdn.redirector.zone.InvalidZoneException;
import com.kingcdn.redirector.zone.ZoneContent;
import com.kingcdn.redirector.zone.ZoneDelta;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.SOARecord;
import org.xbill.DNS.Serial;
import org.xbill.DNS.Type;

/** The records of a transfer on the way to become a zone: whole (RFC 5936 section 2.2), or changes of what we have (RFC 1995 section 4). */
final class IncomingZone {

    /** What the next record is. */
    private enum State {
        /** The SOA of what the primary has. */
        FIRST,
        /** It tells whether this is a whole zone or changes. */
        SECOND,
        WHOLE,
        REMOVED,
        ADDED,
        /** None is to come. */
        DONE
    }

    private final Name origin;
    private final @Nullable ZoneContent before;
    private final int most;
    private final List<Record> whole = new ArrayList<>();
    private final List<ZoneDelta> deltas = new ArrayList<>();
    private final List<Record> removed = new ArrayList<>();
    private final List<Record> added = new ArrayList<>();
    private State state = State.FIRST;
    private @Nullable SOARecord goal;
    private @Nullable SOARecord from;
    private @Nullable SOARecord to;
    private int records;

    /**
     * @param before what the increment that was asked for begins with, or null when the whole was asked for
     * @param most records that are taken
     */
    IncomingZone(Name origin, @Nullable ZoneContent before, int most) {
        this.origin = origin;
        this.before = before;
        this.most = most;
    }

    /** Whether the last record of the transfer has come. */
    boolean isDone() {
        return state == State.DONE;
    }

    /** Whether nothing has come of an increment but that there is one. */
    boolean isOnlyNews() {
        return before != null && state == State.SECOND;
    }

    void take(Record record) throws TransferException {
        if (++records > most) {
            throw new TransferException("the zone has more than " + most + " records");
        }
        if (record.getType() == Type.RRSIG || record.getType() == Type.NSEC || record.getType() == Type.NSEC3) {
            throw new TransferException("it has " + Type.string(record.getType())
                    + " records: signatures and denials are made when answering, so the zone is to come unsigned");
        }
        @Nullable SOARecord soa = record instanceof SOARecord found ? found : null;
        if (soa != null && !soa.getName().equals(origin)) {
            throw new TransferException("it has the SOA record of " + soa.getName());
        }
        switch (state) {
            case FIRST -> first(soa, record);
            case SECOND -> second(soa, record);
            case WHOLE -> whole(soa, record);
            case REMOVED -> removed(soa, record);
            case ADDED -> added(soa, record);
            case DONE -> throw new TransferException("records come after the end");
        }
    }

    private void first(@Nullable SOARecord soa, Record record) throws TransferException {
        if (soa == null) {
            throw new TransferException("it begins with " + record.getName() + ", not with the zone's SOA record");
        }
        goal = soa;
        boolean isNews = before == null || Serial.compare(soa.getSerial(), before.serial()) > 0;
        state = isNews ? State.SECOND : State.DONE;
    }

    private void second(@Nullable SOARecord soa, Record record) throws TransferException {
        if (before != null && soa != null && soa.getSerial() == before.serial()) {
            from = soa;
            state = State.REMOVED;
        } else {
            state = State.WHOLE;
            whole.add(goal());
            whole(soa, record);
        }
    }

    private void whole(@Nullable SOARecord soa, Record record) throws TransferException {
        if (soa == null) {
            whole.add(record);
        } else if (soa.getSerial() == goal().getSerial()) {
            state = State.DONE;
        } else {
            // the zone has changed on its way (RFC 5936 section 3)
            String reason = "it begins with serial " + goal().getSerial() + " and ends with " + soa.getSerial();
            // or these are changes of another version than ours
            throw before == null ? new TransferException(reason) : TransferException.ofIncrement(reason);
        }
    }

    private void removed(@Nullable SOARecord soa, Record record) {
        if (soa == null) {
            removed.add(record);
        } else {
            to = soa;
            state = State.ADDED;
        }
    }

    private void added(@Nullable SOARecord soa, Record record) throws TransferException {
        if (soa == null) {
            added.add(record);
            return;
        }
        long reached = Objects.requireNonNull(to).getSerial();
        deltas.add(new ZoneDelta(Objects.requireNonNull(from), Objects.requireNonNull(to), removed, added));
        removed.clear();
        added.clear();
        if (soa.getSerial() != reached) {
            throw TransferException.ofIncrement(
                    "a change begins with serial " + soa.getSerial() + " where the one before ended with " + reached);
        }
        from = soa;
        state = reached == goal().getSerial() ? State.DONE : State.REMOVED;
    }

    private SOARecord goal() {
        return Objects.requireNonNull(goal, "the first record has come");
    }

    /**
     * What the records that came make of the zone.
     *
     * @throws InvalidZoneException when they are no zone
     */
    ZoneContent result() throws TransferException {
        if (state != State.DONE) {
            throw new TransferException("it ends before its last SOA record");
        }
        if (!whole.isEmpty() || before == null) {
            return ZoneContent.of(origin, whole);
        }
        try {
            return before.follow(deltas);
        } catch (InvalidZoneException e) {
            throw TransferException.ofIncrement("the increment does not fit our copy: " + e.getMessage());
        }
    }
}
