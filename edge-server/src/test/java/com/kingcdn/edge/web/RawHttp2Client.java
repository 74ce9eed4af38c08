package com.kingcdn.edge.web;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/** A TLS client that sends exactly the HTTP/2 frames, or the octets, it is told to, and trusts everybody. */
final class RawHttp2Client implements AutoCloseable {

    static final int DATA = 0;
    static final int HEADERS = 1;
    static final int PRIORITY = 2;
    static final int RST_STREAM = 3;
    static final int SETTINGS = 4;
    static final int PING = 6;
    static final int GOAWAY = 7;
    static final int WINDOW_UPDATE = 8;
    static final int CONTINUATION = 9;
    static final int END_STREAM = 1;
    static final int END_HEADERS = 4;

    private static final byte[] PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    private final SSLSocket socket;
    private final DataInputStream in;

    private RawHttp2Client(SSLSocket socket) throws IOException {
        this.socket = socket;
        this.in = new DataInputStream(socket.getInputStream());
    }

    /** A frame; payload of a header block is not decoded. */
    @SuppressWarnings("ArrayRecordComponent")
    record Frame(int type, int flags, int stream, byte[] payload) {

        boolean ends() {
            return (flags & END_STREAM) != 0;
        }

        int errorCode() {
            int at = type == GOAWAY ? 4 : 0;
            return payload[at + 3] & 0xff;
        }
    }

    /** Does a handshake, for this protocol of ALPN. */
    static RawHttp2Client handshake(int port, @Nullable String serverName, String protocol) throws IOException {
        return handshake(port, serverName, protocol, "TLSv1.3");
    }

    /** Does a handshake of this version of TLS. */
    static RawHttp2Client handshake(int port, @Nullable String serverName, String protocol, String version)
            throws IOException {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[] {new Everybody()}, null);
            Socket plain = new Socket(InetAddress.getLoopbackAddress(), port);
            SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(plain, null, port, true);
            SSLParameters parameters = socket.getSSLParameters();
            if (serverName != null) {
                parameters.setServerNames(List.of(new SNIHostName(serverName)));
            }
            parameters.setApplicationProtocols(new String[] {protocol});
            parameters.setProtocols(new String[] {version});
            socket.setSSLParameters(parameters);
            socket.setSoTimeout(10_000);
            socket.startHandshake();
            return new RawHttp2Client(socket);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Opens HTTP/2 with an empty SETTINGS. */
    static RawHttp2Client open(int port, String serverName) throws IOException {
        RawHttp2Client client = handshake(port, serverName, "h2");
        client.raw(PREFACE);
        client.frame(SETTINGS, 0, 0, new byte[0]);
        return client;
    }

    X509Certificate peer() throws IOException {
        return (X509Certificate) socket.getSession().getPeerCertificates()[0];
    }

    /** The OCSP responses that came with the handshake. */
    List<byte[]> stapled() {
        return ((ExtendedSSLSession) socket.getSession()).getStatusResponses();
    }

    String protocol() {
        return socket.getApplicationProtocol();
    }

    String tlsVersion() {
        return socket.getSession().getProtocol();
    }

    void raw(byte[] octets) throws IOException {
        socket.getOutputStream().write(octets);
        socket.getOutputStream().flush();
    }

    void frame(int type, int flags, int stream, byte[] payload) throws IOException {
        ByteArrayOutputStream frame = new ByteArrayOutputStream();
        frame.write(payload.length >> 16);
        frame.write(payload.length >> 8);
        frame.write(payload.length);
        frame.write(type);
        frame.write(flags);
        for (int shift = 24; shift >= 0; shift -= 8) {
            frame.write(stream >> shift);
        }
        frame.writeBytes(payload);
        raw(frame.toByteArray());
    }

    /** Names and values in turn, literal and never indexed (RFC 7541 section 6.2.3). */
    static byte[] block(String... fields) {
        ByteArrayOutputStream block = new ByteArrayOutputStream();
        for (int i = 0; i < fields.length; i += 2) {
            block.write(0x10);
            string(block, fields[i]);
            string(block, fields[i + 1]);
        }
        return block.toByteArray();
    }

    private static void string(ByteArrayOutputStream block, String text) {
        byte[] octets = text.getBytes(StandardCharsets.ISO_8859_1);
        if (octets.length < 127) {
            block.write(octets.length);
        } else {
            block.write(127);
            int rest = octets.length - 127;
            while (rest >= 128) {
                block.write(rest % 128 + 128);
                rest /= 128;
            }
            block.write(rest);
        }
        block.writeBytes(octets);
    }

    void get(int stream, String host, String path, String... more) throws IOException {
        ByteArrayOutputStream block = new ByteArrayOutputStream();
        block.writeBytes(block(":method", "GET", ":scheme", "https", ":authority", host, ":path", path));
        block.writeBytes(block(more));
        frame(HEADERS, END_STREAM | END_HEADERS, stream, block.toByteArray());
    }

    Frame read() throws IOException {
        int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
        int type = in.readUnsignedByte();
        int flags = in.readUnsignedByte();
        int stream = in.readInt();
        return new Frame(type, flags, stream, in.readNBytes(length));
    }

    /** The next frame of this type or, when the connection ends before, null. */
    @Nullable
    Frame next(int type) throws IOException {
        try {
            while (true) {
                Frame frame = read();
                if (frame.type() == type) {
                    return frame;
                }
            }
        } catch (EOFException | java.net.SocketException closed) {
            return null;
        }
    }

    /** The next frame of this stream, of any type. */
    Frame nextOf(int stream) throws IOException {
        Frame frame = read();
        while (frame.stream() != stream) {
            if (frame.type() == GOAWAY) {
                throw new IOException("GOAWAY " + frame.errorCode());
            }
            frame = read();
        }
        return frame;
    }

    /**
     * The status of a stream's response, of which the content is read over; minus the error code for a reset. Our encoder sends the
     * statuses of the static table as one octet, others as a literal.
     */
    int status(int stream) throws IOException {
        Frame frame = nextOf(stream);
        if (frame.type() == RST_STREAM) {
            return -frame.errorCode();
        }
        int status = status(frame.payload());
        while (!frame.ends()) {
            frame = nextOf(stream);
            if (frame.type() == RST_STREAM) {
                return -frame.errorCode();
            }
        }
        return status;
    }

    private static int status(byte[] block) {
        int[] indexed = {200, 204, 206, 304, 400, 404, 500};
        int first = block[0] & 0xff;
        if (first >= 0x88 && first <= 0x8e) {
            return indexed[first - 0x88];
        }
        // name by index 8, value a literal, perhaps in Huffman code, in which digits have five or six bits
        int length = block[1] & 0x7f;
        if ((block[1] & 0x80) == 0) {
            return Integer.parseInt(new String(block, 2, length, StandardCharsets.US_ASCII));
        }
        long bits = 0;
        for (int i = 0; i < length; i++) {
            bits = bits << 8 | (block[2 + i] & 0xff);
        }
        int left = length * 8;
        int status = 0;
        for (int digit = 0; digit < 3; digit++) {
            int five = (int) (bits >> (left - 5)) & 31;
            if (five <= 2) {
                status = status * 10 + five;
                left -= 5;
            } else {
                status = status * 10 + ((int) (bits >> (left - 6)) & 63) - 0x19 + 3;
                left -= 6;
            }
        }
        return status;
    }

    /** Everything until the server closes, as text. */
    String text(String request) throws IOException {
        raw(request.getBytes(StandardCharsets.ISO_8859_1));
        return rest();
    }

    /** So many octets, as text. */
    String octets(int length) throws IOException {
        return new String(in.readNBytes(length), StandardCharsets.ISO_8859_1);
    }

    /** What is still to come until the server closes, as text. */
    String rest() throws IOException {
        return new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }

    private static final class Everybody implements X509TrustManager {

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {
            // everybody
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
