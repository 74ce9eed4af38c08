package com.kingcdn.redirector.zone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.Type;

class ZoneFileTest {

    private static final String SOA = "@ 300 IN SOA ns1 hostmaster 1 7200 900 1209600 60\n";
    private static final String NS = "@ 300 IN NS ns1\nns1 300 IN A 192.0.2.1\n";

    @TempDir
    Path directory;

    @Test
    void readsAZone() {
        ZoneContent zone = SnapshotFixture.zone("KingCDN.example", SnapshotFixture.CDN_ZONE);
        assertThat(zone.origin().toString()).isEqualTo("kingcdn.example.");
        assertThat(zone.names()).hasSizeGreaterThan(15);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "static 300 IN A 192.0.2.999 | :4: | A zone file is refused with its line",
                "static 300 IN NONSENSE x | :4: | an unknown type",
                "$INCLUDE /etc/passwd | :4: | another file",
                "other.test. 300 IN A 192.0.2.9 | other.test. lies outside zone kingcdn.example. | a stranger's name",
                "ns1 300 IN CNAME static | ns1.kingcdn.example. has a CNAME beside other records | RFC 1034 3.6.2",
                "@ 300 IN SOA ns1 hostmaster 2 7200 900 1209600 60 | needs exactly one SOA | RFC 1035 5.2",
                "sub 300 IN SOA ns1 hostmaster 2 7200 900 1209600 60 | has an SOA record but is not the zone | RFC 1035 5.2",
                "@ 300 IN NS ns2 | name server ns2.kingcdn.example. lies in the zone and has no address | RFC 1035 5.2",
                "static 300 CH TXT hello | :4: only class IN | RFC 1035 5.2",
                "s 300 IN HTTPS 1 . port=many | bad.zone:4: Invalid port number: many | with file and line",
                "ns1 300 IN CNAME static | bad.zone:4: ns1.kingcdn.example. | with its line",
                "*.d 300 IN DNAME x.test. | :4: *.d.kingcdn.example.: a wildcard can be no DNAME | RFC 6672 3.3",
                "*.d 300 IN NS ns1 | :4: *.d.kingcdn.example.: a wildcard can be no NS | RFC 4592 4.2",
                "@ 300 IN NSEC a.kingcdn.example. A | signatures and denials are made | signing is online"
            })
    void refusesAZoneAndSaysWhy(String line, String message, String why) throws IOException {
        Path file = Files.writeString(directory.resolve("bad.zone"), SOA + NS + line + "\n");
        assertThatThrownBy(() -> ZoneFile.read("kingcdn.example", file))
                .as(why)
                .isInstanceOf(ZoneFileException.class)
                .hasMessageContaining("bad.zone")
                .hasMessageContaining(message);
    }

    @Test
    void aZoneHasNoMoreRecordsThanTheBound() throws IOException {
        ZoneBuilder full = new ZoneBuilder(ZoneFile.name("kingcdn.example"), NameMap.empty(), ZoneBuilder.MOST_RECORDS);
        Record one =
                Record.fromString(Name.fromString("h.kingcdn.example."), Type.A, DClass.IN, 60, "192.0.2.1", Name.root);
        assertThatThrownBy(() -> full.add(one))
                .isInstanceOf(InvalidZoneException.class)
                .hasMessageContaining("has more than 5000000 records");
    }

    @Test
    void namesTheLineAfterRecordsOfSeveralLines() {
        String text = "@ 300 IN SOA ns1 hostmaster (\n1 ; serial\n7200 900\n1209600 60 )\n\n" + NS + "; nothing\n";
        assertThatThrownBy(
                        () -> ZoneFile.parse("kingcdn.example", text + "sub IN SOA a b 1 2 3 4 5", Path.of("bad.zone")))
                .hasMessageContaining("bad.zone:9: sub.kingcdn.example. has an SOA");
    }

    @Test
    void refusesDataThatHaveNoWireForm() {
        String text = SOA + NS + "s 300 IN HTTPS 1 . alpn=" + "x".repeat(300) + "\n";
        assertThatThrownBy(() -> ZoneFile.parse("kingcdn.example", text, Path.of("bad.zone")))
                .isInstanceOf(ZoneFileException.class)
                .hasMessageContaining("bad.zone:4: ");
    }

    @Test
    void followsDirectives_rfc1035_5_1_rfc2308_4() {
        ZoneContent zone = SnapshotFixture.zone(
                "kingcdn.example",
                SOA + NS
                        + "$TTL 77\n$ORIGIN deep.kingcdn.example.\nwww A 192.0.2.7\n$GENERATE 1-3 h$ AAAA 2001:db8::$\n");
        assertThat(zone.records(Names.of("www.deep.kingcdn.example."), Type.A))
                .singleElement()
                .satisfies(record -> assertThat(record.getTTL()).isEqualTo(77));
        assertThat(zone.sets(Names.of("h3.deep.kingcdn.example."))).containsKey(Type.AAAA);
        assertThat(zone.size()).isEqualTo(7);
    }

    @Test
    void refusesAZoneWithoutNameServersOrFile() throws IOException {
        Path file = Files.writeString(directory.resolve("bad.zone"), SOA);
        assertThatThrownBy(() -> ZoneFile.read("kingcdn.example", file)).hasMessageContaining("needs NS records");
        assertThatThrownBy(() -> ZoneFile.read("kingcdn.example", directory.resolve("absent.zone")))
                .isInstanceOf(ZoneFileException.class)
                .hasMessageContaining("absent.zone of kingcdn.example does not exist");
        assertThatThrownBy(() -> ZoneFile.read("not..aname", file))
                .hasMessageContaining("'not..aname' is not a zone name");
    }

    @Test
    void takesASetAsLargeAsAnAnswerAndNoLarger() {
        ZoneContent content = parse(addresses(ZoneBuilder.MOST_OF_SET) + addresses(10));
        assertThat(content.records(Names.of("large.kingcdn.example."), Type.A)).hasSize(ZoneBuilder.MOST_OF_SET);
        assertThat(content.size()).as("the same is counted once").isEqualTo(ZoneBuilder.MOST_OF_SET + 3);

        assertThatThrownBy(() -> parse(addresses(ZoneBuilder.MOST_OF_SET + 1)))
                .isInstanceOf(ZoneFileException.class)
                .hasMessageContaining("large.kingcdn.example. has more than 4090 A records");
    }

    private static ZoneContent parse(String more) {
        return ZoneFile.parse(
                "kingcdn.example",
                "$TTL 60\n@ SOA ns1 host 1 2 3 4 60\n@ NS ns1\nns1 A 192.0.2.1\n" + more,
                Path.of("zone"));
    }

    private static String addresses(int count) {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < count; i++) {
            lines.append("large A 198.18.")
                    .append(i >> 8)
                    .append('.')
                    .append(i & 255)
                    .append('\n');
        }
        return lines.toString();
    }
}
