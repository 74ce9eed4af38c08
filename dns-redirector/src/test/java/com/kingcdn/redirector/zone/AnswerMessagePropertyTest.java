package com.kingcdn.redirector.zone;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.xbill.DNS.AAAARecord;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.CNAMERecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.DNAMERecord;
import org.xbill.DNS.Flags;
import org.xbill.DNS.MXRecord;
import org.xbill.DNS.Message;
import org.xbill.DNS.NSRecord;
import org.xbill.DNS.Name;
import org.xbill.DNS.PTRRecord;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.SOARecord;
import org.xbill.DNS.SRVRecord;
import org.xbill.DNS.Section;
import org.xbill.DNS.TXTRecord;
import org.xbill.DNS.Type;

/** Whatever is written is read as what it was, and is no longer than what the library writes of it. */
class AnswerMessagePropertyTest {

    private static final String[] LABELS = {"a", "A", "b", "cc", "Some-Longer-Label", "*", "example"};

    @Property(tries = 1_000)
    void saysWhatTheLibrarySays(@ForAll long seed) throws IOException {
        Random random = new Random(seed);
        Name question = name(random).canonicalize();
        ZoneAnswer answer = new ZoneAnswer(
                random.nextBoolean() ? Rcode.NOERROR : Rcode.NXDOMAIN,
                random.nextBoolean(),
                null,
                records(random, question),
                records(random, question),
                records(random, question));
        byte[] body = AnswerMessage.write(question, answer);
        byte[] octets = WholeMessage.octets(body, question, Type.A);
        Message expected = expected(question, answer);
        assertThat(octets.length).isLessThanOrEqualTo(expected.toWire(Message.MAXLENGTH).length);
        Message read = new Message(octets);
        assertThat(lines(read)).isEqualTo(lines(expected));
        assertThat(read.getRcode()).isEqualTo(expected.getRcode());
        assertThat(read.getHeader().getFlag(Flags.QR)).isTrue();
        assertThat(read.getHeader().getFlag(Flags.AA)).isEqualTo(answer.authoritative());
    }

    @Example
    void namesBeyondWhatAPointerReachesAreWrittenInFull() throws IOException {
        Name question = Names.of("q.example.");
        List<Record> answer = new ArrayList<>();
        for (int i = 0; i < 600; i++) {
            answer.add(new TXTRecord(question, DClass.IN, 300, "a text of some length, number " + i));
        }
        // from here on nothing can be pointed to, but what stood before it
        for (int i = 0; i < 20; i++) {
            answer.add(new NSRecord(question, DClass.IN, 300, Names.of("ns" + i % 5 + ".other.test.")));
        }
        ZoneAnswer many = ZoneAnswer.authoritative(answer);
        Message read = WholeMessage.of(AnswerMessage.write(question, many), question, Type.A);
        assertThat(lines(read)).isEqualTo(lines(expected(question, many)));
    }

    /** A set of a zone may have more octets by far: for each query hundreds of megabytes would be written, for nothing. */
    @Example
    void whatNoMessageHasRoomForIsNotWritten_rfc1035_4_2_2() {
        Name question = Names.of("q.example.");
        List<Record> answer = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            answer.add(Record.newRecord(question, 65280, DClass.IN, 300, new byte[30_000]));
        }
        byte[] body = AnswerMessage.write(question, ZoneAnswer.authoritative(answer));
        assertThat(body.length)
                .as("too long to be sent, by the last one that was begun")
                .isBetween(Message.MAXLENGTH + 1, Message.MAXLENGTH + 30_100);
    }

    @Example
    void anAnswerThatIsAllTheQuestionsIsTheSameForEachName() {
        byte[][] bodies = new byte[2][];
        int i = 0;
        for (String name : List.of("a.example.", "another.name.test.")) {
            Name question = Names.of(name);
            bodies[i++] = AnswerMessage.write(
                    question, ZoneAnswer.authoritative(List.of(new TXTRecord(question, DClass.IN, 20, "same"))));
        }
        assertThat(bodies[0]).isEqualTo(bodies[1]);
    }

    private static Message expected(Name question, ZoneAnswer answer) {
        Message message = new Message(0);
        message.getHeader().setFlag(Flags.QR);
        if (answer.authoritative()) {
            message.getHeader().setFlag(Flags.AA);
        }
        message.getHeader().setRcode(answer.rcode());
        message.addRecord(Record.newRecord(question, Type.A, DClass.IN), Section.QUESTION);
        answer.answer().forEach(record -> message.addRecord(record, Section.ANSWER));
        answer.authority().forEach(record -> message.addRecord(record, Section.AUTHORITY));
        answer.additional().forEach(record -> message.addRecord(record, Section.ADDITIONAL));
        return message;
    }

    /** Names in lower case: a pointer to a name takes over how it is spelled. */
    private static List<String> lines(Message message) {
        List<String> lines = new ArrayList<>();
        for (int section = Section.ANSWER; section <= Section.ADDITIONAL; section++) {
            for (Record record : message.getSection(section)) {
                lines.add(
                        section + " " + record.getTTL() + " " + record.getName().canonicalize() + " "
                                + Type.string(record.getType()) + " " + record.getDClass() + " "
                                + hex(record.rdataToWireCanonical()));
            }
        }
        return lines;
    }

    private static String hex(byte[] octets) {
        return HexFormat.of().formatHex(octets);
    }

    private static List<Record> records(Random random, Name question) throws IOException {
        List<Record> records = new ArrayList<>();
        for (int i = random.nextInt(5); i > 0; i--) {
            Name owner = random.nextInt(3) == 0 ? name(random) : question;
            records.add(record(random, owner, random.nextInt(100_000)));
        }
        return records;
    }

    private static Record record(Random random, Name owner, long ttl) throws IOException {
        int in = DClass.IN;
        return switch (random.nextInt(11)) {
            case 0 -> new ARecord(owner, in, ttl, InetAddress.getByAddress(octets(random, 4)));
            case 1 -> new AAAARecord(owner, in, ttl, InetAddress.getByAddress(octets(random, 16)));
            case 2 -> new NSRecord(owner, in, ttl, name(random));
            case 3 -> new CNAMERecord(owner, in, ttl, name(random));
            case 4 -> new PTRRecord(owner, in, ttl, name(random));
            case 5 -> new MXRecord(owner, in, ttl, random.nextInt(65536), name(random));
            case 6 -> new SOARecord(owner, in, ttl, name(random), name(random), 4_000_000_000L, 2, 3, 4, 5);
            case 7 -> new SRVRecord(owner, in, ttl, 1, 2, 3, name(random));
            case 8 -> new DNAMERecord(owner, in, ttl, name(random));
            case 9 -> new TXTRecord(owner, in, ttl, "text");
            default -> Record.newRecord(owner, 65280, in, ttl, octets(random, random.nextInt(20)));
        };
    }

    private static byte[] octets(Random random, int count) {
        byte[] octets = new byte[count];
        random.nextBytes(octets);
        // no IPv4 address mapped into IPv6, which would be another type
        if (count > 0) {
            octets[0] = 32;
        }
        return octets;
    }

    /** The root, a name of few labels, or one of as many as fit. */
    private static Name name(Random random) throws IOException {
        int kind = random.nextInt(20);
        if (kind == 0) {
            return Name.root;
        }
        if (kind == 1) {
            return Name.fromString("a.".repeat(100 + random.nextInt(28)));
        }
        StringBuilder name = new StringBuilder();
        for (int labels = 1 + random.nextInt(4); labels > 0; labels--) {
            name.append(LABELS[random.nextInt(LABELS.length)]).append('.');
        }
        return Name.fromString(name.toString());
    }
}
