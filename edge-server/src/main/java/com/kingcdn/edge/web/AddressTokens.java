package com.kingcdn.edge.web;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.quic.Quic;
import io.netty.handler.codec.quic.QuicTokenHandler;
import io.netty.util.concurrent.FastThreadLocal;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.function.BooleanSupplier;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Proofs that a client receives at the address it sends from (RFC 9000 section 8.1.2). A Retry carries one, once many handshakes are
 * under way, and whoever sends it back is served; nothing is kept for those who do not.
 *
 * <p>A token is the time, a code over time, address and the connection identifier that the client chose first, and that identifier. The
 * key is the process's own, and lives as long.
 */
final class AddressTokens implements QuicTokenHandler {

    private static final String ALGORITHM = "HmacSHA256";
    private static final int CODE = 16;
    private static final int OFFSET = Long.BYTES + CODE;
    private static final long LIFETIME_MILLIS = Duration.ofSeconds(10).toMillis();

    private final BooleanSupplier wanted;
    private final InstantSource clock;
    private final SecretKeySpec key;
    private final FastThreadLocal<Mac> macs = new FastThreadLocal<>() {
        @Override
        protected Mac initialValue() throws GeneralSecurityException {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(key);
            return mac;
        }
    };

    /** @param wanted whether clients are to prove their address at present */
    AddressTokens(BooleanSupplier wanted, InstantSource clock) {
        this.wanted = wanted;
        this.clock = clock;
        byte[] random = new byte[32];
        new SecureRandom().nextBytes(random);
        this.key = new SecretKeySpec(random, ALGORITHM);
    }

    @Override
    public boolean writeToken(ByteBuf out, ByteBuf connectionId, InetSocketAddress client) {
        if (!wanted.getAsBoolean()) {
            return false;
        }
        long now = clock.millis();
        byte[] first = octets(connectionId);
        out.writeLong(now).writeBytes(code(now, first, client)).writeBytes(first);
        return true;
    }

    @Override
    public int validateToken(ByteBuf token, InetSocketAddress client) {
        if (token.readableBytes() < OFFSET || token.readableBytes() > maxTokenLength()) {
            return -1;
        }
        long then = token.getLong(token.readerIndex());
        byte[] code = octets(token.slice(token.readerIndex() + Long.BYTES, CODE));
        byte[] first = octets(token.slice(token.readerIndex() + OFFSET, token.readableBytes() - OFFSET));
        long age = clock.millis() - then;
        return MessageDigest.isEqual(code, code(then, first, client)) && age >= 0 && age <= LIFETIME_MILLIS
                ? OFFSET
                : -1;
    }

    /** What is no token of ours may be another server's that was here before (RFC 9000 section 8.1.3): as if there were none. */
    @Override
    public TokenValidationResult validateToken(ByteBuf token, InetSocketAddress client, ByteBuf connectionId) {
        int offset = validateToken(token, client);
        if (offset >= 0) {
            return TokenValidationResult.odcidFromToken(offset);
        }
        return wanted.getAsBoolean()
                ? TokenValidationResult.invalidToken()
                : TokenValidationResult.odcidFromDestinationConnectionId();
    }

    @Override
    public int maxTokenLength() {
        return OFFSET + Quic.MAX_CONN_ID_LEN;
    }

    private byte[] code(long millis, byte[] first, InetSocketAddress client) {
        Mac mac = macs.get();
        mac.update(ByteBuffer.allocate(Long.BYTES + Integer.BYTES)
                .putLong(millis)
                .putInt(client.getPort())
                .flip());
        byte[] address = client.getAddress().getAddress();
        mac.update((byte) address.length);
        mac.update(address);
        return Arrays.copyOf(mac.doFinal(first), CODE);
    }

    private static byte[] octets(ByteBuf buffer) {
        byte[] octets = new byte[buffer.readableBytes()];
        buffer.getBytes(buffer.readerIndex(), octets);
        return octets;
    }
}
