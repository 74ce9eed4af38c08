package com.kingcdn.redirector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InputStream;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Master;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.OPTRecord;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/**
 * A zone of oddities (wildcards, empty non-terminals, aliases, DNAMEs, delegations, strange names) is answered as Knot answers it, for each
 * name, those around it, and each type.
 *
 * <p>Left out is where both are right and differ: ANY (RFC 8482), types of DNSSEC behind aliases, chains of aliases without an end, and
 * additional addresses that need not be sent.
 */
@Timeout(180)
final class KnotComparisonIT {

    private static final String ZONE = "odd.example.";
    private static final int TRIES = 5;
    private static final int[] TYPES = {
        Type.A,
        Type.AAAA,
        Type.NS,
        Type.CNAME,
        Type.SOA,
        Type.PTR,
        Type.MX,
        Type.TXT,
        Type.SRV,
        Type.NAPTR,
        Type.DNAME,
        Type.DS,
        Type.TLSA,
        Type.SVCB,
        Type.HTTPS,
        Type.CAA,
        Type.DNSKEY,
        Type.CDS,
        65280
    };

    @TempDir
    Path directory;

    /** What two servers have to say alike. */
    private record Said(int rcode, Set<String> flags, Set<String> answer, Set<String> authority, boolean hasOpt) {

        static Said of(Message message) {
            Set<String> flags = new TreeSet<>();
            for (int flag : new int[] {Flags.AA, Flags.TC, Flags.RD, Flags.RA, Flags.AD, Flags.CD}) {
                if (message.getHeader().getFlag(flag)) {
                    flags.add(Flags.string(flag));
                }
            }
            return new Said(
                    message.getRcode(),
                    flags,
                    records(message, Section.ANSWER),
                    records(message, Section.AUTHORITY),
                    message.getOPT() != null);
        }

        private static Set<String> records(Message message, int section) {
            return message.getSection(section).stream()
                    .map(record -> record.toString().toLowerCase(Locale.ROOT))
                    .collect(Collectors.toCollection(TreeSet::new));
        }
    }

    @Test
    void answersAreThoseOfKnot() throws Exception {
        Path zone = zone();
        int port = ServerProcess.freePort();
        try (RunningRedirector redirector = start();
                ServerProcess knot = new PeerServers(directory, port).knotBeside(ZONE, zone);
                DatagramSocket ours = socket(redirector.dns().getPort());
                DatagramSocket theirs = socket(port)) {
            await("Knot").atMost(Duration.ofSeconds(30)).ignoreExceptions().untilAsserted(() -> assertThat(
                            ask(theirs, query(Name.fromString(ZONE), Type.SOA, false))
                                    .answer())
                    .as(knot.log())
                    .isNotEmpty());
            List<String> differences = new ArrayList<>();
            int asked = 0;
            for (Name name : names(zone)) {
                for (int type : TYPES) {
                    byte[] query = query(name, type, asked++ % 2 == 0);
                    Said own = ask(ours, query);
                    Said other = ask(theirs, query);
                    if (!own.equals(other)) {
                        differences.add(name + " " + Type.string(type) + "\n  ours " + own + "\n  Knot " + other);
                    }
                }
            }
            assertThat(asked).isGreaterThan(5_000);
            assertThat(differences).as("of " + asked).isEmpty();
        }
    }

    private Path zone() throws IOException {
        Path file = directory.resolve("odd.zone");
        try (InputStream text = Objects.requireNonNull(getClass().getResourceAsStream("odd.zone"))) {
            Files.copy(text, file);
        }
        return file;
    }

    private RunningRedirector start() throws IOException {
        RunningRedirector.prepare(directory);
        Path yaml = directory.resolve("cdn.yaml");
        Files.writeString(
                yaml,
                Files.readString(yaml)
                        .replace("distributions:\n", "  - {name: odd.example, file: odd.zone}\ndistributions:\n"));
        return RunningRedirector.start(directory);
    }

    /** Each owner, and what lies above it, below it, beside it and is spelled otherwise. */
    private static Set<Name> names(Path zone) throws IOException {
        Name origin = Name.fromString(ZONE);
        Set<Name> names = new TreeSet<>();
        try (Master master = new Master(zone.toString(), origin)) {
            for (Record record = master.nextRecord(); record != null; record = master.nextRecord()) {
                Name owner = record.getName();
                names.add(owner);
                for (String below : List.of("x", "a.b", "*", "\\000")) {
                    names.add(Name.concatenate(Name.fromString(below), owner));
                }
                if (!owner.equals(origin)) {
                    Name above = new Name(owner, 1);
                    names.add(above);
                    names.add(Name.concatenate(Name.fromString("beside"), above));
                }
            }
        }
        names.add(Name.fromString("www.example."));
        names.add(Name.root);
        return names;
    }

    private static byte[] query(Name name, int type, boolean edns) {
        Message query = Message.newQuery(Record.newRecord(name, type, DClass.IN));
        query.getHeader().unsetFlag(Flags.RD);
        if (edns) {
            query.addRecord(new OPTRecord(1232, 0, 0), Section.ADDITIONAL);
        }
        return query.toWire();
    }

    private static DatagramSocket socket(int port) throws IOException {
        DatagramSocket socket = new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        socket.connect(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(1_000);
        return socket;
    }

    private static Said ask(DatagramSocket server, byte[] query) throws IOException {
        DatagramPacket answer = new DatagramPacket(new byte[1232], 1232);
        for (int i = 0; i < TRIES; i++) {
            server.send(new DatagramPacket(query, query.length));
            try {
                do {
                    server.receive(answer);
                } while (answer.getData()[0] != query[0] || answer.getData()[1] != query[1]);
                return Said.of(new Message(Arrays.copyOf(answer.getData(), answer.getLength())));
            } catch (SocketTimeoutException e) {
                // or nobody is there yet
            }
        }
        throw new SocketTimeoutException("no answer after " + TRIES + " tries");
    }
}
