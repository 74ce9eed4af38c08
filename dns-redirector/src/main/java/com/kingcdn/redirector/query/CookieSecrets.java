package com.kingcdn.redirector.query;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The secrets that server cookies are made and judged with (RFC 9018 section 5): one makes, all judge.
 *
 * <p>Redirectors that share addresses share a file, which is read again when it changes; a redirector on its own invents a secret and
 * rolls it each day, and accepts the former one for as long as a cookie lives. Thread-safe; {@link #refresh} is called from time to
 * time by one thread.
 */
public final class CookieSecrets {

    private static final Logger LOG = LoggerFactory.getLogger(CookieSecrets.class);
    private static final long LIFETIME_MILLIS = Duration.ofDays(1).toMillis();
    /** Longer than a cookie is good for. */
    private static final long OVERLAP_MILLIS = Duration.ofHours(2).toMillis();

    private static final int MOST_SECRETS = 8;
    private static final SecureRandom RANDOM = new SecureRandom();

    private final @Nullable Path file;
    private @Nullable FileTime modified;
    private String refusal = "";
    private long rolledAtMillis;
    private volatile List<Secret> accepted;

    private CookieSecrets(@Nullable Path file, List<Secret> accepted, long nowMillis) {
        this.file = file;
        this.accepted = accepted;
        this.rolledAtMillis = nowMillis;
    }

    /** Secrets of this process alone. */
    public static CookieSecrets random(long nowMillis) {
        return new CookieSecrets(null, List.of(Secret.random()), nowMillis);
    }

    /**
     * Secrets of a file: 32 hexadecimal digits a line, the first one makes cookies; empty lines and those that begin with {@code #} are
     * skipped.
     *
     * @throws IOException when the file cannot be read or holds something else; the message says which line
     */
    public static CookieSecrets of(Path file) throws IOException {
        FileTime time = Files.getLastModifiedTime(file);
        CookieSecrets secrets = new CookieSecrets(file, read(file), 0);
        secrets.modified = time;
        return secrets;
    }

    /** Reads the file again when it has changed, or rolls an invented secret when its day is over. */
    public void refresh(long nowMillis) {
        if (file == null) {
            roll(nowMillis);
            return;
        }
        try {
            FileTime time = Files.getLastModifiedTime(file);
            if (!time.equals(modified)) {
                accepted = read(file);
                modified = time;
                refusal = "";
                LOG.info("Cookie secrets were read again: {} are accepted", accepted.size());
            }
        } catch (IOException e) {
            // of those that stay as they are nothing new is to be said
            if (!e.toString().equals(refusal)) {
                refusal = e.toString();
                LOG.warn("The cookie secrets in use stay: {}", refusal);
            }
        }
    }

    private void roll(long nowMillis) {
        if (nowMillis - rolledAtMillis >= LIFETIME_MILLIS) {
            accepted = List.of(Secret.random(), accepted.get(0));
            rolledAtMillis = nowMillis;
        } else if (accepted.size() > 1 && nowMillis - rolledAtMillis >= OVERLAP_MILLIS) {
            accepted = List.of(accepted.get(0));
        }
    }

    private static List<Secret> read(Path file) throws IOException {
        List<Secret> secrets = new ArrayList<>();
        int number = 0;
        for (String line : Files.readAllLines(file)) {
            number++;
            String text = line.strip();
            if (!text.isEmpty() && !text.startsWith("#")) {
                try {
                    secrets.add(Secret.of(HexFormat.of().parseHex(text)));
                } catch (IllegalArgumentException e) {
                    // the line itself is a secret and does not go into a message
                    throw new IOException(
                            file + ":" + number + ": a cookie secret is 32 hexadecimal digits, and this line is not",
                            e);
                }
            }
        }
        if (secrets.isEmpty() || secrets.size() > MOST_SECRETS) {
            throw new IOException(file + " has to hold 1 to " + MOST_SECRETS + " cookie secrets, one a line");
        }
        return List.copyOf(secrets);
    }

    Secret current() {
        return accepted.get(0);
    }

    List<Secret> accepted() {
        return accepted;
    }

    /** One secret of 128 bits; never printed. */
    static final class Secret {

        private static final int LENGTH = 16;

        private final long key0;
        private final long key1;

        private Secret(long key0, long key1) {
            this.key0 = key0;
            this.key1 = key1;
        }

        static Secret of(byte[] bytes) {
            if (bytes.length != LENGTH) {
                throw new IllegalArgumentException("a secret has 16 bytes");
            }
            return new Secret(SipHash.littleEndian(bytes, 0, 8), SipHash.littleEndian(bytes, 8, 8));
        }

        static Secret random() {
            return new Secret(RANDOM.nextLong(), RANDOM.nextLong());
        }

        long hash(byte[] input) {
            return SipHash.hash24(key0, key1, input, input.length);
        }
    }
}
