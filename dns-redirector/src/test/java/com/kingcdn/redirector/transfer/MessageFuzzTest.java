package com.kingcdn.redirector.transfer;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import com.code_intelligence.jazzer.junit.FuzzTest;
import com.kingcdn.redirector.query.AnswerJudge;
import com.kingcdn.redirector.query.Transport;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.LoggerFactory;
import org.xbill.DNS.AAAARecord;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.CNAMERecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.DNAMERecord;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.NSRecord;
import org.xbill.DNS.Name;
import org.xbill.DNS.OPTRecord;
import org.xbill.DNS.Opcode;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.SOARecord;
import org.xbill.DNS.Section;
import org.xbill.DNS.TSIGRecord;
import org.xbill.DNS.TXTRecord;
import org.xbill.DNS.Type;

/**
 * Any message on its whole way, from bytes to bytes: questions, updates, transfers, notices, and signatures on all of these (RFC 8945),
 * those included that are valid. What an update has put into a zone is asked for afterwards.
 */
class MessageFuzzTest {

    /** The first byte's bits. */
    private static final int TRANSPORT = 3;

    private static final int SIGNED = 4;
    private static final int SIGNED_EARLIER = 8;

    private static final Transport[] TRANSPORTS = {Transport.UDP, Transport.TCP, Transport.TLS, Transport.HTTPS};
    private static final AnswerJudge JUDGE = new AnswerJudge(List.of(ZoneServer.ORIGIN));
    private static final Name WWW = name("www");

    private static ZoneServer server = new ZoneServer();

    @BeforeAll
    static void logDefectsOnly() {
        level(Level.ERROR);
    }

    @AfterAll
    static void close() {
        level(null);
        server.close();
    }

    private static void level(@Nullable Level level) {
        ((Logger) LoggerFactory.getLogger("com.kingcdn")).setLevel(level);
    }

    @MethodSource("seeds")
    @FuzzTest(maxDuration = "90s")
    void answersAnyMessage(byte[] data) throws Exception {
        if (data.length < 13) {
            return;
        }
        Transport transport = TRANSPORTS[data[0] & TRANSPORT];
        byte[] message = Arrays.copyOfRange(data, 1, data.length);
        boolean signed = (data[0] & SIGNED) != 0;
        byte[] sent = signed ? sign(message, (data[0] & SIGNED_EARLIER) != 0) : message;
        List<byte[]> answers = server.ask(sent, transport);
        for (byte[] answer : answers) {
            Message judged = JUDGE.judge(sent, answer, transport == Transport.UDP);
            assertThat(judged.getHeader().getRcode()).as("%s", judged).isNotEqualTo(Rcode.SERVFAIL);
        }
        if (server.isChanged()) {
            assertThat(signed).as("changed by a message that is signed").isTrue();
            askFor(new Message(sent).getSection(Section.UPDATE));
            server.close();
            server = new ZoneServer();
        }
    }

    private static void askFor(List<Record> records) throws Exception {
        for (Record record : records) {
            for (int type : new int[] {record.getType(), Type.ANY, Type.A}) {
                Message question = Message.newQuery(Record.newRecord(record.getName(), type, DClass.IN));
                if (type == Type.ANY) {
                    question.addRecord(new OPTRecord(4096, 0, 0), Section.ADDITIONAL);
                }
                for (Transport transport : List.of(Transport.UDP, Transport.TCP)) {
                    for (byte[] answer : server.ask(question.toWire(), transport)) {
                        JUDGE.judge(question.toWire(), answer, transport == Transport.UDP);
                    }
                }
            }
        }
        byte[] whole = sign(query("@", Type.AXFR).toWire(), false);
        for (byte[] answer : server.ask(whole, Transport.TCP)) {
            Message transfer = JUDGE.judge(whole, answer, false);
            assertThat(transfer.getHeader().getRcode()).isEqualTo(Rcode.NOERROR);
        }
    }

    /** A message with a signature behind all that it is, however little sense that makes. */
    private static byte[] sign(byte[] message, boolean earlier) throws IOException {
        Message empty = new Message((message[0] & 0xff) << 8 | (message[1] & 0xff));
        TSIGRecord made = ZoneServer.KEY.generate(empty, message, Rcode.NOERROR, null);
        byte[] record = earlier
                ? new TSIGRecord(
                                made.getName(),
                                DClass.ANY,
                                0,
                                made.getAlgorithm(),
                                made.getTimeSigned().minusSeconds(4_000),
                                made.getFudge(),
                                made.getSignature(),
                                made.getOriginalID(),
                                Rcode.NOERROR,
                                null)
                        .toWire(Section.ADDITIONAL)
                : made.toWire(Section.ADDITIONAL);
        ByteBuffer whole = ByteBuffer.allocate(message.length + record.length);
        whole.put(message).put(record);
        whole.putShort(10, (short) (whole.getShort(10) + 1));
        return whole.array();
    }

    static Stream<byte[]> seeds() throws IOException {
        Message notice = query("@", Type.SOA);
        notice.getHeader().setOpcode(Opcode.NOTIFY);
        notice.getHeader().setFlag(Flags.AA);
        Message increment = query("@", Type.IXFR);
        increment.addRecord(new SOARecord(ZoneServer.ORIGIN, DClass.IN, 0, WWW, WWW, 6, 1, 1, 1, 1), Section.AUTHORITY);
        Message asked = query("www", Type.A);
        asked.addRecord(new OPTRecord(1232, 0, 0), Section.ADDITIONAL);
        List<Message> messages = List.of(
                asked,
                query("@", Type.AXFR),
                increment,
                notice,
                update(Record.newRecord(WWW, Type.ANY, DClass.ANY, 0), address("new")),
                update(Record.newRecord(WWW, Type.A, DClass.NONE, 0), address("new")),
                update(null, address("new"), Record.newRecord(WWW, Type.A, DClass.ANY, 0)),
                update(null, Record.newRecord(WWW, Type.ANY, DClass.ANY, 0)),
                update(null, new ARecord(WWW, DClass.NONE, 0, InetAddress.getByName("192.0.2.2"))),
                update(null, new CNAMERecord(name("alias"), DClass.IN, 60, WWW)),
                update(null, new DNAMERecord(name("moved"), DClass.IN, 60, name("new"))),
                update(null, new NSRecord(name("child"), DClass.IN, 60, name("ns.child")), address("ns.child")),
                update(null, new TXTRecord(name("*.wild"), DClass.IN, 60, "text")),
                update(null, new AAAARecord(name("a1105"), DClass.IN, 60, InetAddress.getByName("2001:db8::1"))),
                update(null, new SOARecord(ZoneServer.ORIGIN, DClass.IN, 60, WWW, WWW, 99, 1, 1, 1, 1)));
        return messages.stream().map(Message::toWire).flatMap(wire -> Stream.of(0, 1, SIGNED, SIGNED + 1, 13)
                .map(first -> ByteBuffer.allocate(wire.length + 1)
                        .put((byte) (int) first)
                        .put(wire)
                        .array()));
    }

    private static Message query(String name, int type) {
        Message query = Message.newQuery(Record.newRecord(name(name), type, DClass.IN));
        query.getHeader().unsetFlag(Flags.RD);
        return query;
    }

    private static Message update(@Nullable Record prerequisite, Record... changes) {
        Message update = Message.newUpdate(ZoneServer.ORIGIN);
        if (prerequisite != null) {
            update.addRecord(prerequisite, Section.PREREQ);
        }
        Arrays.asList(changes).forEach(change -> update.addRecord(change, Section.UPDATE));
        return update;
    }

    private static Record address(String name) throws IOException {
        return new ARecord(name(name), DClass.IN, 60, InetAddress.getByName("192.0.2.9"));
    }

    private static Name name(String relative) {
        return Name.fromConstantString(relative.equals("@") ? "z.example." : relative + ".z.example.");
    }
}
