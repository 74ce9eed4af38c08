package com.kingcdn.edge.web;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** A client that sends exactly the bytes it is told to. */
final class RawClient implements AutoCloseable {

    private final Socket socket;
    private final InputStream in;

    RawClient(int port) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(10_000);
        in = socket.getInputStream();
    }

    /** A response. */
    record Response(int status, String head, String body) {

        boolean has(String line) {
            return head.toLowerCase(Locale.ROOT).contains("\r\n" + line.toLowerCase(Locale.ROOT) + "\r\n");
        }
    }

    /** A plain request to the test's host. */
    static String get(String target) {
        return "GET " + target + " HTTP/1.1\r\nHost: " + TestEdge.HOST + "\r\n\r\n";
    }

    RawClient send(String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
        return this;
    }

    /** Says that nothing more will be sent. */
    RawClient end() throws IOException {
        socket.shutdownOutput();
        return this;
    }

    /** Reads a response's head and nothing behind it. */
    String head() throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int c = in.read();
            if (c < 0) {
                throw new IOException("the connection ended after: " + head);
            }
            head.append((char) c);
        }
        return head.toString();
    }

    /** Reads one response with a Content-Length or chunks; of HEAD its head only. */
    Response response(boolean headOnly) throws IOException {
        String head = head();
        int status = Integer.parseInt(head.substring(9, 12));
        String lower = head.toLowerCase(Locale.ROOT);
        String body = "";
        if (!headOnly && status != 304 && status != 204) {
            int at = lower.indexOf("\r\ncontent-length: ");
            body = at < 0 ? chunks() : read(Integer.parseInt(lower.substring(at + 18, lower.indexOf("\r\n", at + 18))));
        }
        return new Response(status, head, body);
    }

    /** Reads a response's head, and its content unless its status is 200. */
    int beginning() throws IOException {
        String head = head();
        int status = Integer.parseInt(head.substring(9, 12));
        if (status != 200) {
            String lower = head.toLowerCase(Locale.ROOT);
            int at = lower.indexOf("\r\ncontent-length: ");
            read(Integer.parseInt(lower.substring(at + 18, lower.indexOf("\r\n", at + 18))));
        }
        return status;
    }

    Response response() throws IOException {
        return response(false);
    }

    private String chunks() throws IOException {
        StringBuilder body = new StringBuilder();
        while (true) {
            int size = Integer.parseInt(line(), 16);
            body.append(read(size));
            line();
            if (size == 0) {
                return body.toString();
            }
        }
    }

    private String line() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        int c;
        while ((c = in.read()) != '\n') {
            if (c < 0) {
                throw new IOException("the connection ended inside a chunk");
            }
            line.write(c);
        }
        return line.toString(StandardCharsets.ISO_8859_1).strip();
    }

    String read(int length) throws IOException {
        byte[] bytes = in.readNBytes(length);
        if (bytes.length < length) {
            throw new IOException("the connection ended after " + bytes.length + " of " + length + " bytes");
        }
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    /** Whether the server has closed; looks for a moment only. */
    boolean isClosed() throws IOException {
        socket.setSoTimeout(10);
        try {
            return in.read() < 0;
        } catch (SocketTimeoutException open) {
            return false;
        } finally {
            socket.setSoTimeout(10_000);
        }
    }

    /** Everything until the server closes. */
    String rest() throws IOException {
        try {
            return new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
        } catch (SocketException reset) {
            return "";
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
