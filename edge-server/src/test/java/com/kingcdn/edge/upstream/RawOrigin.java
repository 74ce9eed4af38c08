package com.kingcdn.edge.upstream;

import com.kingcdn.topology.OriginEndpoint;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** An origin that answers with exactly the bytes it is told to: one thread a connection, one call a request. */
public final class RawOrigin implements AutoCloseable {

    /** Answers a request; returning false closes the connection. */
    @FunctionalInterface
    public interface Handler {
        boolean answer(String head, InputStream in, OutputStream out) throws IOException;
    }

    private final ServerSocket listener;
    private final Handler handler;
    private final List<String> heads = new CopyOnWriteArrayList<>();
    private final AtomicInteger connections = new AtomicInteger();
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();

    public RawOrigin(Handler handler) {
        this.handler = handler;
        try {
            listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        thread(this::accept);
    }

    /** An origin that says the same to everybody. */
    public static RawOrigin saying(String response) {
        return new RawOrigin((head, in, out) -> {
            out.write(response.getBytes(StandardCharsets.ISO_8859_1));
            return true;
        });
    }

    /** An origin that says the same to everybody, but reads chunks first until the connection ends, of which an edge sends only a part. */
    public static RawOrigin sayingUnlessChunked(String response) {
        return new RawOrigin((head, in, out) -> {
            if (head.contains("transfer-encoding: chunked")) {
                return in.readAllBytes().length < 0;
            }
            out.write(response.getBytes(StandardCharsets.ISO_8859_1));
            return true;
        });
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = listener.accept();
                connections.incrementAndGet();
                open.add(socket);
                thread(() -> serve(socket));
            }
        } catch (IOException closed) {
            // the end of the test
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            InputStream in = new BufferedInputStream(socket.getInputStream());
            OutputStream out = socket.getOutputStream();
            String head;
            do {
                head = head(in);
                if (head.isEmpty()) {
                    return;
                }
                heads.add(head);
            } while (handler.answer(head, in, out));
        } catch (IOException gone) {
            // the edge may close whenever it likes
        } finally {
            open.remove(socket);
        }
    }

    private static String head(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        int c;
        while (head.indexOf("\r\n\r\n") < 0 && (c = in.read()) >= 0) {
            head.append((char) c);
        }
        return head.toString();
    }

    private static void thread(Runnable work) {
        Thread thread = new Thread(work, "raw-origin");
        thread.setDaemon(true);
        thread.start();
    }

    public OriginEndpoint endpoint() {
        return new OriginEndpoint(URI.create("http://127.0.0.1:" + listener.getLocalPort()));
    }

    /** The heads of all requests so far. */
    public List<String> heads() {
        return heads;
    }

    /** Connections that are open now. */
    public int open() {
        return open.size();
    }

    public int connections() {
        return connections.get();
    }

    @Override
    public void close() {
        try {
            listener.close();
            for (Socket socket : open) {
                socket.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
