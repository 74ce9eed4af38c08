package com.kingcdn.redirector.query;

import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.redirector.dnssec.KeyScheme;
import com.kingcdn.redirector.dnssec.OpenedKeys;
import com.kingcdn.redirector.dnssec.SteppingClock;
import com.kingcdn.redirector.dnssec.ZoneKeys;
import com.kingcdn.redirector.routing.Addresses;
import com.kingcdn.redirector.routing.PathSource;
import com.kingcdn.redirector.zone.ServedZone;
import com.kingcdn.redirector.zone.ServingInputs;
import com.kingcdn.redirector.zone.ServingSnapshot;
import com.kingcdn.redirector.zone.SnapshotFixture;
import com.kingcdn.redirector.zone.Ttls;
import com.kingcdn.redirector.zone.ZoneAnswer;
import com.kingcdn.topology.HealthMode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.DClass;
import org.xbill.DNS.ExtendedFlags;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.OPTRecord;
import org.xbill.DNS.RRSIGRecord;
import org.xbill.DNS.Record;
import org.xbill.DNS.SOARecord;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/**
 * Whatever is at hand says what would be made: random questions to random zones, each asked three times in other spellings, are compared
 * with the algorithm of RFC 1034 that keeps nothing.
 */
class ReadyAnswersPropertyTest {

    private static final String[] LABELS = {"a", "b", "*", "cc", "d-d", "a-label-of-some-length"};
    private static final int[] TYPES = {
        Type.A,
        Type.AAAA,
        Type.NS,
        Type.CNAME,
        Type.SOA,
        Type.MX,
        Type.TXT,
        Type.DS,
        Type.DNSKEY,
        Type.HTTPS,
        Type.ANY,
        65280
    };

    private static final SteppingClock CLOCK = new SteppingClock(Instant.parse("2026-03-01T12:00:00Z"));

    private static @Nullable Path state;
    private static @Nullable ZoneKeys keys;

    @BeforeContainer
    static void openKeys() throws IOException {
        state = Files.createTempDirectory("keys");
        keys = OpenedKeys.of(KeyScheme.CSK, 100_000, 1_000_000, state, CLOCK);
    }

    @AfterContainer
    static void closeKeys() throws IOException {
        Objects.requireNonNull(keys).close();
        try (var files = Files.walk(Objects.requireNonNull(state))) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    @Property(tries = 150)
    void saysWhatWouldBeMade(@ForAll long seed) throws IOException {
        Random random = new Random(seed);
        ServingSnapshot first = snapshot(random);
        ServingSnapshot snapshot = random.nextBoolean() ? first : signed(first, random);
        QueryHandler handler = new QueryHandler(() -> snapshot, QueryLog.NONE);
        for (int i = 0; i < 40; i++) {
            Name name = Name.fromString(name(random) + (random.nextInt(8) == 0 ? "." : ".z.example."));
            int type = TYPES[random.nextInt(TYPES.length)];
            boolean signed = random.nextBoolean();
            boolean compactOk = signed && random.nextBoolean();
            Set<String> expected = expected(snapshot, name, type, signed, compactOk);
            for (int time = 0; time < 3; time++) {
                Message query = query(spelled(name, random), type, signed, compactOk, random.nextInt(65536));
                byte[] wire = query.toWire();
                byte[] answered = Objects.requireNonNull(handler.answer(wire, Asking.CLIENT, Transport.TCP));
                Message answer = new Message(answered);
                assertThat(answer.getHeader().getID())
                        .isEqualTo(query.getHeader().getID());
                assertThat(Objects.requireNonNull(answer.getQuestion()).toWire(Section.QUESTION))
                        .as("the question as it was spelled")
                        .isEqualTo(Objects.requireNonNull(query.getQuestion()).toWire(Section.QUESTION));
                assertThat(lines(answer))
                        .as("%s %s, time %d", name, Type.string(type), time)
                        .isEqualTo(expected);
            }
        }
    }

    @Example
    void anotherContentIsServedAtOnce() throws IOException {
        String zone = "$TTL 300\n@ IN SOA ns admin %d 2 3 4 5\n@ IN NS ns\nns IN A 192.0.2.%d\n";
        AtomicReference<ServingSnapshot> served = new AtomicReference<>();
        QueryHandler handler = new QueryHandler(() -> Objects.requireNonNull(served.get()), QueryLog.NONE);
        for (int serial = 1; serial < 4; serial++) {
            ServingInputs inputs = inputs(List.of(new ServedZone(
                    SnapshotFixture.zone("z.example", zone.formatted(serial, serial)), ServedZone.Kind.CDN)));
            @Nullable ServingSnapshot before = served.get();
            served.set(before == null ? ServingSnapshot.compile(inputs) : before.recompile(inputs));
            for (int time = 0; time < 2; time++) {
                assertThat(ask(handler, "ns.z.example.", false)
                                .getSection(Section.ANSWER)
                                .get(0)
                                .rdataToString())
                        .isEqualTo("192.0.2." + serial);
                Message denial = ask(handler, "no.z.example.", false);
                assertThat(((SOARecord) denial.getSection(Section.AUTHORITY).get(0)).getSerial())
                        .isEqualTo(serial);
            }
        }
    }

    @Example
    void signaturesAreRenewed() throws IOException {
        ServingSnapshot signed = signed(snapshot(new Random(1)), new Random(1));
        QueryHandler handler = new QueryHandler(() -> signed, QueryLog.NONE);
        for (String name : List.of("ns.z.example.", "no.such.z.example.")) {
            Instant before = expiry(ask(handler, name, true));
            assertThat(expiry(ask(handler, name, true))).isEqualTo(before);
            CLOCK.step(Duration.ofDays(10));
            assertThat(expiry(ask(handler, name, true))).isAfter(before);
        }
    }

    private static Message ask(QueryHandler handler, String name, boolean signed) throws IOException {
        byte[] query = query(Name.fromString(name), Type.A, signed, false, 1).toWire();
        return Asking.ask(handler, query, Asking.CLIENT, Transport.TCP);
    }

    private static Instant expiry(Message answer) {
        return Stream.of(Section.ANSWER, Section.AUTHORITY)
                .flatMap(section -> answer.getSection(section).stream())
                .filter(RRSIGRecord.class::isInstance)
                .map(signature -> ((RRSIGRecord) signature).getExpire())
                .min(Comparator.naturalOrder())
                .orElseThrow();
    }

    private static Set<String> expected(
            ServingSnapshot snapshot, Name name, int type, boolean signed, boolean compactOk) {
        byte[] client = Asking.CLIENT.getAddress().getAddress();
        Name lower = name.canonicalize();
        ZoneAnswer answer = snapshot.answer(
                lower, type, snapshot.director().route(true, Addresses.high(client), Addresses.low(client)));
        if (signed && snapshot.isSigned()) {
            answer = snapshot.signed(lower, type, answer, compactOk);
        }
        Set<String> lines = new LinkedHashSet<>();
        lines.add(answer.rcode() + " " + answer.authoritative());
        answer.answer().forEach(record -> lines.add(line(Section.ANSWER, record)));
        answer.authority().forEach(record -> lines.add(line(Section.AUTHORITY, record)));
        answer.additional().forEach(record -> lines.add(line(Section.ADDITIONAL, record)));
        return lines;
    }

    private static Set<String> lines(Message message) {
        Set<String> lines = new LinkedHashSet<>();
        lines.add(message.getRcode() + " " + message.getHeader().getFlag(Flags.AA));
        for (int section : new int[] {Section.ANSWER, Section.AUTHORITY, Section.ADDITIONAL}) {
            for (Record record : message.getSection(section)) {
                if (record.getType() != Type.OPT) {
                    lines.add(line(section, record));
                }
            }
        }
        return lines;
    }

    /** Names in the spelling of the question are compared without it. */
    private static String line(int section, Record record) {
        return section + " " + record.toString().toLowerCase(Locale.ROOT);
    }

    private static Message query(Name name, int type, boolean signed, boolean compactOk, int id) {
        Message query = new Message(id);
        query.addRecord(Record.newRecord(name, type, DClass.IN), Section.QUESTION);
        if (signed) {
            int flags = ExtendedFlags.DO | (compactOk ? 0x4000 : 0);
            query.addRecord(new OPTRecord(1232, 0, 0, flags), Section.ADDITIONAL);
        }
        return query;
    }

    private static Name spelled(Name name, Random random) throws IOException {
        StringBuilder spelled = new StringBuilder();
        for (char letter : name.toString().toCharArray()) {
            spelled.append(random.nextBoolean() ? Character.toUpperCase(letter) : letter);
        }
        return Name.fromString(spelled.toString());
    }

    private static String name(Random random) {
        List<String> labels = new ArrayList<>();
        for (int depth = random.nextInt(random.nextInt(20) == 0 ? 12 : 4); depth >= 0; depth--) {
            labels.add(LABELS[random.nextInt(LABELS.length)]);
        }
        return String.join(".", labels);
    }

    /** A zone, and at times one below it, of names that are likely to meet. */
    private static ServingSnapshot snapshot(Random random) {
        List<ServedZone> zones = new ArrayList<>();
        zones.add(new ServedZone(SnapshotFixture.zone("z.example", content(random, "z.example")), ServedZone.Kind.CDN));
        if (random.nextBoolean()) {
            zones.add(new ServedZone(
                    SnapshotFixture.zone("a.z.example", content(random, "a.z.example")), ServedZone.Kind.PRIMARY));
        }
        if (random.nextBoolean()) {
            zones.add(ServedZone.absent(Name.fromConstantString("b.z.example.")));
        }
        return ServingSnapshot.compile(inputs(zones));
    }

    private static ServingInputs inputs(List<ServedZone> zones) {
        return new ServingInputs(
                zones,
                List.of(),
                SnapshotFixture.clusters(HealthMode.ASSUMED),
                Ttls.DEFAULT,
                SnapshotFixture.PLACES,
                PathSource.NONE,
                Set.of());
    }

    private static String content(Random random, String origin) {
        String server = random.nextBoolean() ? "ns" : "ns.elsewhere.example.";
        StringBuilder text = new StringBuilder("$TTL 300\n@ IN SOA " + server + " admin."
                + (random.nextBoolean() ? "mail" : "there.example.") + " 1 2 3 4 " + random.nextInt(600) + "\n@ IN NS "
                + server + "\nns IN A 192.0.2.1\n");
        Set<String> taken = new HashSet<>(Set.of("ns"));
        for (int i = random.nextInt(10); i > 0; i--) {
            String name = name(random);
            boolean wild = name.startsWith("*");
            if (name.length() < 60 && taken.add(name)) {
                switch (random.nextInt(wild ? 4 : 6)) {
                    case 0 ->
                        text.append(name)
                                .append(" IN A 192.0.2.7\n")
                                .append(name)
                                .append(" IN MX 5 ns\n");
                    case 1 -> text.append(name).append(" IN TXT \"some text\"\n");
                    case 2 ->
                        text.append(name)
                                .append(" IN CNAME ")
                                .append(name(random))
                                .append("\n");
                    case 3 -> text.append(name).append(" IN AAAA 2001:db8::7\n");
                    case 4 ->
                        text.append(name)
                                .append(" IN NS ns.")
                                .append(name)
                                .append("\nns.")
                                .append(name)
                                .append(" IN A 192.0.2.9\n");
                    default ->
                        text.append(name).append(" IN DNAME to.").append(origin).append(".\n");
                }
            }
        }
        return text.toString();
    }

    private static ServingSnapshot signed(ServingSnapshot snapshot, Random random) {
        ZoneKeys known = Objects.requireNonNull(keys);
        return snapshot.signedBy(
                random.nextBoolean()
                        ? Map.of("z.example", known.signer("z.example"))
                        : Map.of("a.z.example", known.signer("a.z.example"), "z.example", known.signer("z.example")));
    }
}
