package com.kingcdn.redirector;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.SimpleResolver;
import org.xbill.DNS.Type;

/** Key files that more than one redirector uses, or that a clock has overtaken. */
@Timeout(120)
final class KeyDirectoryIT {

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyyMMddHHmmss", Locale.ROOT).withZone(ZoneOffset.UTC);

    @TempDir
    Path directory;

    @TempDir
    Path other;

    @Test
    void aSecondRedirectorAnswersWithTheSameKeys() throws Exception {
        try (SignedRedirector first = SignedRedirector.start(directory)) {
            try (Stream<Path> files = Files.list(directory)) {
                for (Path file : files.filter(Files::isRegularFile).toList()) {
                    Files.copy(file, other.resolve(file.getFileName()));
                }
            }
            try (RunningRedirector second = RunningRedirector.start(
                    other,
                    "--kingcdn.redirector.dnssec.keys=" + directory.resolve("state/keys"),
                    "--kingcdn.redirector.dnssec.manage=false")) {
                for (String zone : List.of("example.", "kingcdn.example.", "netcinema.example.")) {
                    assertThat(keys(second, zone))
                            .isNotEmpty()
                            .containsExactlyInAnyOrderElementsOf(keys(first.redirector(), zone));
                }
                String port = String.valueOf(second.dns().getPort());
                for (String name : List.of("video.netcinema.example", "static.kingcdn.example")) {
                    assertThat(first.delv("-p", port, name, "A")).contains("; fully validated");
                }
            }
        }
        assertThat(other.resolve("state/keys")).doesNotExist();
    }

    /** The clock says a time before the keys' Publish: as on a machine whose battery is empty. */
    @Test
    void startsThoughTheClockSaysThatItsKeysAreForLater() throws Exception {
        List<String> before;
        try (SignedRedirector first = SignedRedirector.start(directory)) {
            before = keys(first.redirector(), "kingcdn.example.");
        }
        postpone(directory.resolve("state/keys"), Duration.ofDays(400));

        try (RunningRedirector again = RunningRedirector.start(directory)) {
            assertThat(keys(again, "kingcdn.example.")).isNotEmpty().isEqualTo(before);
        }
    }

    private static void postpone(Path keys, Duration by) throws IOException {
        try (Stream<Path> files = Files.list(keys)) {
            for (Path file :
                    files.filter(name -> name.toString().endsWith(".private")).toList()) {
                Files.writeString(
                        file,
                        Pattern.compile("(Created|Publish|Activate|SyncPublish): (\\d{14})")
                                .matcher(Files.readString(file))
                                .replaceAll(found -> found.group(1) + ": "
                                        + TIME.format(TIME.parse(found.group(2), Instant::from)
                                                .plus(by))));
            }
        }
    }

    private static List<String> keys(RunningRedirector redirector, String zone) throws IOException {
        Message answer = new SimpleResolver(redirector.dns())
                .send(Message.newQuery(Record.newRecord(Name.fromString(zone), Type.DNSKEY, DClass.IN)));
        return answer.getSection(Section.ANSWER).stream()
                .map(Record::rdataToString)
                .toList();
    }
}
