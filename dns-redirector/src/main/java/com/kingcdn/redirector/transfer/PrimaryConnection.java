package com.kingcdn.redirector.transfer;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** A TCP connection to a primary, with messages in frames (RFC 1035 section 4.2.2), that ends when its limits are reached. */
final class PrimaryConnection implements Closeable {

    private final Socket socket = new Socket();
    private final TransferLimits limits;
    private final long deadline;
    private long bytes;

    private PrimaryConnection(TransferLimits limits) {
        this.limits = limits;
        this.deadline = System.nanoTime() + limits.whole().toNanos();
    }

    static PrimaryConnection open(InetSocketAddress primary, TransferLimits limits) throws IOException {
        PrimaryConnection connection = new PrimaryConnection(limits);
        try {
            connection.socket.connect(primary, millis(limits.silence().toNanos()));
        } catch (IOException e) {
            connection.close();
            throw e;
        }
        return connection;
    }

    private static int millis(long nanos) {
        // 0 would be for ever
        return (int) Math.max(1, TimeUnit.NANOSECONDS.toMillis(nanos));
    }

    void send(byte[] message) throws IOException {
        byte[] frame = new byte[message.length + 2];
        frame[0] = (byte) (message.length >> 8);
        frame[1] = (byte) message.length;
        System.arraycopy(message, 0, frame, 2, message.length);
        socket.getOutputStream().write(frame);
    }

    /** Waits for the next message. */
    byte[] receive() throws IOException {
        byte[] length = read(2);
        byte[] message = read((length[0] & 0xff) << 8 | (length[1] & 0xff));
        bytes += message.length;
        if (bytes > limits.bytes()) {
            throw new TransferException("the transfer is longer than " + limits.bytes() + " bytes");
        }
        return message;
    }

    private byte[] read(int length) throws IOException {
        byte[] result = new byte[length];
        InputStream in = socket.getInputStream();
        for (int at = 0; at < length; ) {
            int read;
            long left = left();
            long silence = limits.silence().toNanos();
            try {
                socket.setSoTimeout(millis(Math.min(silence, left)));
                read = in.read(result, at, length - at);
            } catch (SocketTimeoutException e) {
                throw left < silence ? tooLong() : new TransferException("nothing came for " + text(limits.silence()));
            }
            if (read < 0) {
                throw new TransferException("the connection ended before the transfer");
            }
            at += read;
        }
        return result;
    }

    private long left() throws TransferException {
        long left = deadline - System.nanoTime();
        if (left <= 0) {
            throw tooLong();
        }
        return left;
    }

    private TransferException tooLong() {
        return new TransferException("the transfer takes longer than " + text(limits.whole()));
    }

    private static String text(Duration duration) {
        return duration.toMillis() / 1000.0 + " s";
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
