package com.kingcdn.redirector.transfer;

import com.kingcdn.redirector.zone.ZoneContent;
import java.io.IOException;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.xbill.DNS.Name;

/** The copies of others' zones: those that are served, within their memory, and the files that keep them over restarts, if any do. */
final class ZoneCopies {

    private static final Logger log = LoggerFactory.getLogger(ZoneCopies.class);

    private final LiveZones zones;
    private final @Nullable Path directory;
    private final CopyMemory memory;
    /** Those whose file is older than what is served. */
    private final Set<Name> unkept = ConcurrentHashMap.newKeySet();

    ZoneCopies(LiveZones zones, CopySettings settings) {
        this.zones = zones;
        this.directory = settings.directory();
        this.memory = new CopyMemory(settings.memory());
    }

    /** Memory for one that is on its way in. */
    CopyMemory.Claim claim() {
        return memory.claim();
    }

    /** The one that is served, or null. */
    @Nullable
    ZoneContent find(Name origin) {
        return zones.copy(origin);
    }

    /** Has the one on the disk served. @return when a primary last confirmed it, as Unix time in milliseconds; empty when there is none */
    OptionalLong load(Name origin) {
        if (directory == null) {
            return OptionalLong.empty();
        }
        ZoneCopyFile file = new ZoneCopyFile(directory, origin);
        try {
            @Nullable ZoneContent copy = file.read(origin);
            if (copy == null) {
                return OptionalLong.empty();
            }
            if (!memory.fits(copy)) {
                TransferMetrics.NO_ROOM.inc();
                log.error(
                        "the copy of zone {} stays on the disk: there is no memory for it"
                                + " (kingcdn.redirector.copies.memory)",
                        origin);
                return OptionalLong.empty();
            }
            long confirmedAtMillis = file.confirmedAtMillis();
            memory.hold(origin, copy);
            zones.copied(origin, copy);
            return OptionalLong.of(confirmedAtMillis);
        } catch (IOException | RuntimeException | Error e) {
            // want of memory too: else those that are looked at after it would never have their turn
            forget(origin);
            log.warn("the copy of zone {} is fetched anew: {}", origin, e.toString());
            return OptionalLong.empty();
        }
    }

    /** Keeps one for a restart; a disk that is full must not keep a zone from following its primary. */
    void keep(Name origin, ZoneContent content) {
        if (directory == null) {
            return;
        }
        unkept.add(origin);
        try {
            new ZoneCopyFile(directory, origin).write(content);
            unkept.remove(origin);
        } catch (IOException e) {
            log.warn("the copy of zone {} is served, but was not kept for a restart: {}", origin, e.toString());
        }
    }

    /** Has one served; the memory of its claim becomes its own with {@link CopyMemory.Claim#become}. */
    void serve(Name origin, ZoneContent content) {
        zones.copied(origin, content);
    }

    /** Notes when a primary has confirmed the one that is there: what the file has is that, or it is written now. */
    void confirm(Name origin, long atMillis) {
        @Nullable ZoneContent copy = zones.copy(origin);
        if (directory == null || copy == null) {
            return;
        }
        if (unkept.contains(origin)) {
            keep(origin, copy);
            if (unkept.contains(origin)) {
                return;
            }
        }
        try {
            new ZoneCopyFile(directory, origin).confirm(atMillis);
        } catch (IOException e) {
            log.warn("the copy of zone {} could not be marked as confirmed: {}", origin, e.toString());
        }
    }

    /** No longer serves one; its file stays. */
    void forget(Name origin) {
        zones.copied(origin, null);
        memory.drop(origin);
    }
}
