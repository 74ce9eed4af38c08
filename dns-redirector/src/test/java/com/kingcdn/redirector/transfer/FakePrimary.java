package com.kingcdn.redirector.transfer;

import com.kingcdn.redirector.zone.ZoneContent;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.BindException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.OPTRecord;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;

/** A primary on real sockets that signs nothing: tells its SOA over UDP, and the whole zone, in one message, over TCP. */
final class FakePrimary implements AutoCloseable {

    private final ServerSocket streams;
    private final DatagramSocket datagrams;
    private final AtomicInteger asked = new AtomicInteger();
    private volatile ZoneContent zone;
    private volatile @Nullable Duration left;
    private volatile boolean authoritative = true;

    FakePrimary(ZoneContent zone) throws IOException {
        this(zone, InetAddress.getLoopbackAddress());
    }

    FakePrimary(ZoneContent zone, InetAddress host) throws IOException {
        this.zone = zone;
        ServerSocket bound = new ServerSocket(0, 8, host);
        DatagramSocket same;
        while (true) {
            try {
                same = new DatagramSocket(bound.getLocalPort(), host);
                break;
            } catch (BindException e) {
                bound.close();
                bound = new ServerSocket(0, 8, host);
            }
        }
        this.streams = bound;
        this.datagrams = same;
        start(this::answerDatagrams);
        start(this::answerStreams);
    }

    private static void start(Runnable loop) {
        Thread thread = new Thread(loop, "fake-primary");
        thread.setDaemon(true);
        thread.start();
    }

    InetSocketAddress address() {
        return new InetSocketAddress(streams.getInetAddress(), streams.getLocalPort());
    }

    void have(ZoneContent newer) {
        zone = newer;
    }

    /** Says that what it has is a copy itself, good for so long (RFC 7314). */
    void isACopyFor(Duration time) {
        left = time;
    }

    /** Answers as a resolver does that knows the zone's SOA. */
    void servesNoMore() {
        authoritative = false;
    }

    /** How many questions have come over UDP. */
    int asked() {
        return asked.get();
    }

    private void answerDatagrams() {
        byte[] buffer = new byte[4096];
        while (!datagrams.isClosed()) {
            DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
            try {
                datagrams.receive(packet);
                asked.incrementAndGet();
                byte[] answer = answer(Arrays.copyOf(buffer, packet.getLength()), List.of(zone.soa()));
                datagrams.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void answerStreams() {
        while (!streams.isClosed()) {
            try (Socket client = streams.accept()) {
                byte[] query = client.getInputStream().readNBytes(2);
                query = client.getInputStream().readNBytes((query[0] & 0xff) << 8 | (query[1] & 0xff));
                List<Record> records = new ArrayList<>(List.of(zone.soa()));
                records.addAll(zone.sorted());
                records.add(zone.soa());
                byte[] answer = answer(query, records);
                DataOutputStream out = new DataOutputStream(client.getOutputStream());
                out.writeShort(answer.length);
                out.write(answer);
                out.flush();
            } catch (IOException closed) {
                // the next one, if there is a next one
            }
        }
    }

    private byte[] answer(byte[] query, List<Record> records) throws IOException {
        Message asked = new Message(query);
        Message answer = new Message(asked.getHeader().getID());
        answer.getHeader().setFlag(Flags.QR);
        if (authoritative) {
            answer.getHeader().setFlag(Flags.AA);
        }
        answer.addRecord(asked.getQuestion(), Section.QUESTION);
        records.forEach(record -> answer.addRecord(record, Section.ANSWER));
        @Nullable Duration time = left;
        if (time != null && Expiry.isAsked(asked)) {
            answer.addRecord(new OPTRecord(1232, 0, 0), Section.ADDITIONAL);
            Expiry.say(answer, time.toSeconds());
        }
        return answer.toWire(Message.MAXLENGTH);
    }

    @Override
    public void close() throws IOException {
        streams.close();
        datagrams.close();
    }
}
