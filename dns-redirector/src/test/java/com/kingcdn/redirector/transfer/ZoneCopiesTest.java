package com.kingcdn.redirector.transfer;

import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.redirector.registry.MemoryControlStore;
import com.kingcdn.redirector.registry.Registries;
import com.kingcdn.redirector.zone.ZoneContent;
import com.kingcdn.redirector.zone.ZoneFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xbill.DNS.Name;

class ZoneCopiesTest {

    private static final Name ORIGIN = Name.fromConstantString("z.example.");

    @TempDir
    Path directory;

    private static ZoneContent content(int serial) {
        return ZoneFile.parse(
                "z.example",
                "$TTL 60\n@ SOA ns host %d 7200 900 1209600 60\n@ NS ns.other.example.\n".formatted(serial),
                Path.of("z.zone"));
    }

    private ZoneCopies copies() {
        LiveZones zones =
                new LiveZones(new Registries(new MemoryControlStore(), Clock.systemUTC()).zones(), new ZoneParser());
        return new ZoneCopies(zones, new CopySettings(directory.resolve("zones"), 1 << 20));
    }

    private static void take(ZoneCopies copies, ZoneContent content) {
        copies.keep(ORIGIN, content);
        copies.serve(ORIGIN, content);
    }

    @Test
    void comeBackWithTheTimeOfTheirConfirmation() {
        ZoneCopies copies = copies();
        take(copies, content(1));
        copies.confirm(ORIGIN, 1_000_000);

        ZoneCopies restarted = copies();
        assertThat(restarted.load(ORIGIN)).hasValue(1_000_000);
        assertThat(Objects.requireNonNull(restarted.find(ORIGIN)).serial()).isEqualTo(1);
        restarted.forget(ORIGIN);
        assertThat(restarted.find(ORIGIN)).isNull();
        assertThat(copies().load(Name.fromConstantString("other.example."))).isEmpty();
    }

    /** A primary that confirms what could not be kept says nothing of the older copy on the disk, which is to expire in its time. */
    @Test
    void areNotConfirmedInPlaceOfNewerOnes() throws Exception {
        ZoneCopies copies = copies();
        take(copies, content(1));
        copies.confirm(ORIGIN, 1_000_000);
        // where the new content is written before it is renamed
        Path blocked = directory.resolve("zones").resolve(".z.example.copy.tmp");
        Files.createDirectories(blocked.resolve("full"));
        take(copies, content(2));
        copies.confirm(ORIGIN, 2_000_000);
        assertThat(copies().load(ORIGIN)).as("serial 1").hasValue(1_000_000);

        Files.delete(blocked.resolve("full"));
        Files.delete(blocked);
        copies.confirm(ORIGIN, 3_000_000);
        ZoneCopies restarted = copies();
        assertThat(restarted.load(ORIGIN)).hasValue(3_000_000);
        assertThat(Objects.requireNonNull(restarted.find(ORIGIN)).serial())
                .as("kept as soon as there is room")
                .isEqualTo(2);
    }
}
