package com.kingcdn.edge;

import com.kingcdn.http.HttpDate;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** The origin of a {@link Rehearsal}: gives as much content as the first segment of a path says, with its head in one piece. */
final class RehearsalOrigin implements AutoCloseable {

    /** Of everything. */
    static final String TAG = "rehearsed";

    private static final int MOST_HEAD = 16 << 10;

    private final ServerSocket listening;

    RehearsalOrigin() throws IOException {
        listening = new ServerSocket(0, 1024, InetAddress.getLoopbackAddress());
        start("rehearsal-origin", this::accept);
    }

    int port() {
        return listening.getLocalPort();
    }

    /** Takes no more connections; those that are there end with the edge's. */
    @Override
    public void close() throws IOException {
        listening.close();
    }

    private static void start(String name, Runnable work) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        thread.start();
    }

    private void accept() {
        try {
            while (true) {
                Socket edge = listening.accept();
                start("rehearsal-origin-connection", () -> serve(edge));
            }
        } catch (IOException closed) {
            // no more connections
        }
    }

    private static void serve(Socket edge) {
        byte[] head = new byte[MOST_HEAD];
        try (edge) {
            edge.setTcpNoDelay(true);
            InputStream in = edge.getInputStream();
            for (int length = 0; length < MOST_HEAD; ) {
                int count = in.read(head, length, MOST_HEAD - length);
                if (count < 0) {
                    return;
                }
                length += count;
                String request = new String(head, 0, length, StandardCharsets.ISO_8859_1);
                if (request.endsWith("\r\n\r\n")) {
                    edge.getOutputStream().write(response(request));
                    length = 0;
                }
            }
        } catch (IOException gone) {
            // with the edge
        }
    }

    /** To a request whose target begins with a slash, a number and a slash. */
    private static byte[] response(String request) {
        int from = request.indexOf('/') + 1;
        int size = Integer.parseInt(request.substring(from, request.indexOf('/', from)));
        byte[] head = ("HTTP/1.1 200 OK\r\nServer: rehearsal\r\nDate: "
                        + HttpDate.format(System.currentTimeMillis()) + "\r\n"
                        + "Content-Type: application/octet-stream\r\nContent-Length: " + size + "\r\n"
                        + "Connection: keep-alive\r\nCache-Control: public, max-age=3600\r\nETag: \"" + TAG + "\"\r\n"
                        + "Last-Modified: Mon, 02 Nov 2026 10:00:00 GMT\r\n\r\n")
                .getBytes(StandardCharsets.ISO_8859_1);
        byte[] response = new byte[head.length + size];
        System.arraycopy(head, 0, response, 0, head.length);
        return response;
    }
}
