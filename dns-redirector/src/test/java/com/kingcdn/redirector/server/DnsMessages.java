package com.kingcdn.redirector.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/** Queries as clients put them on the wire, and answers as they read them. */
final class DnsMessages {

    private DnsMessages() {}

    static byte[] query(String name, int type, int id) {
        Message message = new Message(id);
        message.addRecord(Record.newRecord(Name.fromConstantString(name), type, DClass.IN), Section.QUESTION);
        return message.toWire();
    }

    /** Asks again when a datagram was lost, as resolvers do. */
    static Message ask(DatagramSocket socket, byte[] query) throws IOException {
        @Nullable IOException last = null;
        for (int attempt = 0; attempt < 20; attempt++) {
            socket.send(new DatagramPacket(query, query.length));
            try {
                return receive(socket);
            } catch (SocketTimeoutException e) {
                last = e;
            }
        }
        throw new IOException("no answer", last);
    }

    static Message receive(DatagramSocket socket) throws IOException {
        DatagramPacket packet = new DatagramPacket(new byte[4096], 4096);
        socket.receive(packet);
        return new Message(Arrays.copyOf(packet.getData(), packet.getLength()));
    }

    /** Messages as they follow each other on a connection (RFC 1035 section 4.2.2). */
    static byte[] framed(byte[]... messages) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] message : messages) {
            all.write(message.length >> 8);
            all.write(message.length);
            all.writeBytes(message);
        }
        return all.toByteArray();
    }

    /** The same one many times. */
    static byte[] framed(int times, byte[] message) {
        byte[][] all = new byte[times][];
        Arrays.fill(all, message);
        return framed(all);
    }

    static void send(Socket socket, byte[] query) throws IOException {
        DataOutputStream out = new DataOutputStream(socket.getOutputStream());
        out.write(framed(query));
        out.flush();
    }

    static Message receive(Socket socket) throws IOException {
        DataInputStream in = new DataInputStream(socket.getInputStream());
        byte[] answer = new byte[in.readUnsignedShort()];
        in.readFully(answer);
        return new Message(answer);
    }

    static void assertAnswers(Socket socket) throws IOException {
        send(socket, query("static.kingcdn.example.", Type.A, 77));
        assertThat(receive(socket).getHeader().getID()).isEqualTo(77);
    }

    /** Whether the connection ends, with whatever comes before that. */
    static boolean ends(Socket socket) {
        try {
            while (socket.getInputStream().read() != -1) {
                // an alert perhaps
            }
            return true;
        } catch (SocketTimeoutException e) {
            return false;
        } catch (IOException e) {
            return true;
        }
    }
}
