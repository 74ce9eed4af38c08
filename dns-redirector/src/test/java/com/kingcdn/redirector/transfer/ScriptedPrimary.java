package com.kingcdn.redirector.transfer;

import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicInteger;
import org.xbill.DNS.Message;

/** A primary on a real TCP socket that answers each query as a test says. */
final class ScriptedPrimary implements AutoCloseable {

    /** What is done with one query; the connection ends after it. */
    @FunctionalInterface
    interface Script {
        void answer(Message query, DataOutputStream out) throws IOException, InterruptedException;
    }

    private final ServerSocket server = new ServerSocket(0, 8, InetAddress.getLoopbackAddress());
    private final AtomicInteger queries = new AtomicInteger();
    private final Script script;

    ScriptedPrimary(Script script) throws IOException {
        this.script = script;
        Thread thread = new Thread(this::serve, "scripted-primary");
        thread.setDaemon(true);
        thread.start();
    }

    InetSocketAddress address() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), server.getLocalPort());
    }

    int queries() {
        return queries.get();
    }

    static void send(DataOutputStream out, byte[] message) throws IOException {
        out.writeShort(message.length);
        out.write(message);
        out.flush();
    }

    private void serve() {
        while (!server.isClosed()) {
            try (Socket client = server.accept()) {
                byte[] length = client.getInputStream().readNBytes(2);
                byte[] query = client.getInputStream().readNBytes((length[0] & 0xff) << 8 | (length[1] & 0xff));
                queries.incrementAndGet();
                script.answer(new Message(query), new DataOutputStream(client.getOutputStream()));
            } catch (IOException e) {
                // the client has seen enough
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
