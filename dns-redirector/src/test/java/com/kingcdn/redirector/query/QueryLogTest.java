package com.kingcdn.redirector.query;

import static com.kingcdn.redirector.query.Asking.CLIENT;
import static com.kingcdn.redirector.query.Asking.plainQuery;
import static com.kingcdn.redirector.query.Asking.query;
import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.log.JsonLinesLog;
import com.kingcdn.redirector.zone.ServingSnapshot;
import com.kingcdn.redirector.zone.SnapshotFixture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xbill.DNS.GenericEDNSOption;
import org.xbill.DNS.Message;
import org.xbill.DNS.OPTRecord;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/** What is kept of a query. */
class QueryLogTest {

    private final ServingSnapshot snapshot = SnapshotFixture.snapshot();

    @TempDir
    private Path directory;

    /** Half of such a code stands in the OPT record: 23 must not become 7, nor 16 NOERROR (RFC 6891 section 6.1.3). */
    @Test
    void namesCodesOfMoreThanFourBits() throws IOException {
        Path file = directory.resolve("queries.log");
        try (JsonLinesLog lines = JsonLinesLog.open(file.toString(), 100)) {
            QueryPolicy policy = new QueryPolicy(
                    CookieSecrets.random(0),
                    "",
                    new TcpKeepalive(Duration.ofSeconds(10)),
                    new RateLimitSettings(1, 1, 1, 0, 0, List.of()));
            QueryHandler handler = new QueryHandler(() -> snapshot, QueryLog.to(lines), policy, source -> {});
            Message unknownVersion = plainQuery("static.kingcdn.example.", Type.A);
            unknownVersion.addRecord(new OPTRecord(1232, 0, 1, 0), Section.ADDITIONAL);
            byte[] query = query("static.kingcdn.example.", Type.A, new GenericEDNSOption(10, new byte[8]));
            handler.answer(unknownVersion.toWire(), CLIENT, Transport.TCP);
            handler.answer(query, CLIENT, Transport.UDP);
            handler.answer(query, CLIENT, Transport.UDP);
        }
        assertThat(Files.readAllLines(file))
                .hasSize(3)
                .satisfiesExactly(
                        line -> assertThat(line).contains("\"rcode\":\"badvers\""),
                        line -> assertThat(line).contains("\"rcode\":\"noerror\""),
                        line -> assertThat(line).contains("\"rcode\":\"badcookie\""));
    }
}
