package com.kingcdn.redirector.server;

import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;

/** A handshake inside the process, which finds out what else the first client would: whether a key is that of its certificate. */
final class TrialHandshake {

    private static final int MOST_STEPS = 1_000;
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private TrialHandshake() {}

    /** @throws SSLException when there would be none with this server */
    static void of(SslContext context) throws SSLException {
        SSLEngine server = context.newEngine(UnpooledByteBufAllocator.DEFAULT);
        SSLEngine client = client();
        ByteBuffer toServer = ByteBuffer.allocate(2 * client.getSession().getPacketBufferSize());
        ByteBuffer toClient = ByteBuffer.allocate(2 * server.getSession().getPacketBufferSize());
        client.beginHandshake();
        server.beginHandshake();
        for (int i = 0; i < MOST_STEPS; i++) {
            step(client, toClient, toServer);
            step(server, toServer, toClient);
            if (isDone(client) && isDone(server)) {
                return;
            }
        }
        throw new SSLException("a handshake with it does not end");
    }

    private static SSLEngine client() throws SSLException {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, InsecureTrustManagerFactory.INSTANCE.getTrustManagers(), null);
            SSLEngine client = context.createSSLEngine();
            client.setUseClientMode(true);
            return client;
        } catch (GeneralSecurityException e) {
            throw new SSLException("no TLS client to try it with", e);
        }
    }

    private static boolean isDone(SSLEngine engine) {
        return engine.getHandshakeStatus() == HandshakeStatus.NOT_HANDSHAKING;
    }

    private static void step(SSLEngine engine, ByteBuffer in, ByteBuffer out) throws SSLException {
        switch (engine.getHandshakeStatus()) {
            case NEED_TASK -> {
                for (Runnable task = engine.getDelegatedTask(); task != null; task = engine.getDelegatedTask()) {
                    task.run();
                }
            }
            case NEED_WRAP -> engine.wrap(NOTHING, out);
            case NEED_UNWRAP, NEED_UNWRAP_AGAIN -> {
                in.flip();
                engine.unwrap(in, ByteBuffer.allocate(engine.getSession().getApplicationBufferSize()));
                in.compact();
            }
            default -> {
                // it has nothing more to do
            }
        }
    }
}
