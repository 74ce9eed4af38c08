package com.kingcdn.redirector.dnssec;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.DClass;
import org.xbill.DNS.DNSKEYRecord;
import org.xbill.DNS.Master;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;

/**
 * A key on disk in the form of BIND's dnssec-keygen: {@code K<zone>.+013+<tag>.key} with the DNSKEY record, {@code .private} beside it
 * with the secret and the timings.
 *
 * <p>Both are written under another name, forced to disk and renamed, the public half first, so that a crash leaves a whole key or none.
 * The private half is readable for its owner only from its first octet on.
 */
final class KeyFile {

    static final String PRIVATE = ".private";

    private static final String PUBLIC = ".key";
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyyMMddHHmmss", Locale.ROOT).withZone(ZoneOffset.UTC);
    private static final Set<String> TIMINGS =
            Set.of("Publish", "Activate", "Inactive", "Delete", "SyncPublish", "SyncDelete");

    private KeyFile() {}

    /** How the names of a zone's key files begin. */
    static String prefix(Name zone) {
        String text = zone.toString().toLowerCase(Locale.ROOT);
        if (!text.matches("[a-z0-9._-]+")) {
            throw new KeyException("zone " + text + " cannot be signed: no file can be named after it", null);
        }
        return "K" + text + "+013+";
    }

    /**
     * Reads a key.
     *
     * @param file its private half
     * @throws KeyException when it is not valid
     */
    static ZoneKey read(Path file, Name zone, long ttl) {
        try {
            String name = file.getFileName().toString();
            Path open = file.resolveSibling(name.substring(0, name.length() - PRIVATE.length()) + PUBLIC);
            DNSKEYRecord found = record(open, zone);
            Map<String, String> fields = fields(file);
            @Nullable String secret = fields.get("PrivateKey");
            if (secret == null) {
                throw new KeyException(file + " has no PrivateKey", null);
            }
            DNSKEYRecord record = new DNSKEYRecord(
                    zone, DClass.IN, ttl, found.getFlags(), found.getProtocol(), found.getAlgorithm(), found.getKey());
            return ZoneKey.of(record, Base64.getDecoder().decode(secret), timings(fields));
        } catch (IOException | IllegalArgumentException | DateTimeException e) {
            throw new KeyException("key file " + file + " cannot be read: " + e, e);
        }
    }

    private static DNSKEYRecord record(Path file, Name zone) throws IOException {
        try (Master master = new Master(new ByteArrayInputStream(Files.readAllBytes(file)), Name.root, 0)) {
            for (@Nullable Record next; (next = master.nextRecord()) != null; ) {
                if (next instanceof DNSKEYRecord key && key.getName().equals(zone)) {
                    return key;
                }
            }
        }
        throw new KeyException(file + " has no DNSKEY record of " + zone, null);
    }

    private static Map<String, String> fields(Path file) throws IOException {
        Map<String, String> fields = new LinkedHashMap<>();
        for (String line : Files.readAllLines(file, StandardCharsets.US_ASCII)) {
            int colon = line.indexOf(':');
            if (colon > 0) {
                fields.put(
                        line.substring(0, colon).trim(),
                        line.substring(colon + 1).trim());
            }
        }
        return fields;
    }

    /** A key without any date, as other tools write it, is in use for good. */
    private static KeyTimings timings(Map<String, String> fields) {
        if (fields.keySet().stream().noneMatch(TIMINGS::contains)) {
            return new KeyTimings(Instant.EPOCH, Instant.EPOCH, null, null, null, null);
        }
        return new KeyTimings(
                time(fields, "Publish"),
                time(fields, "Activate"),
                time(fields, "Inactive"),
                time(fields, "Delete"),
                time(fields, "SyncPublish"),
                time(fields, "SyncDelete"));
    }

    private static @Nullable Instant time(Map<String, String> fields, String key) {
        @Nullable String text = fields.get(key);
        return text == null ? null : TIME.parse(text, Instant::from);
    }

    /** Writes a key, or replaces it: on return it is on the disk. */
    static void write(Path directory, ZoneKey key) {
        String name = prefix(key.record().getName())
                + String.format(Locale.ROOT, "%05d", key.state().tag());
        try {
            Path open = directory.resolve(name + PUBLIC);
            if (!Files.exists(open)) {
                replace(open, key.record() + "\n");
            }
            replace(directory.resolve(name + PRIVATE), secret(key));
        } catch (IOException e) {
            throw new KeyException("key " + name + " cannot be written to " + directory + ": " + e, e);
        }
    }

    private static String secret(ZoneKey key) {
        StringBuilder text = new StringBuilder(
                        "Private-key-format: v1.3\nAlgorithm: 13 (ECDSAP256SHA256)\nPrivateKey: ")
                .append(Base64.getEncoder().encodeToString(key.scalar()))
                .append('\n');
        KeyTimings timings = key.timings();
        append(text, "Created", timings.publish());
        append(text, "Publish", timings.publish());
        append(text, "Activate", timings.activate());
        append(text, "Inactive", timings.inactive());
        append(text, "Delete", timings.delete());
        append(text, "SyncPublish", timings.syncPublish());
        append(text, "SyncDelete", timings.syncDelete());
        return text.toString();
    }

    private static void append(StringBuilder text, String field, @Nullable Instant time) {
        if (time != null) {
            text.append(field).append(": ").append(TIME.format(time)).append('\n');
        }
    }

    private static void replace(Path file, String content) throws IOException {
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        Files.deleteIfExists(fresh);
        Set<StandardOpenOption> options = Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        try (FileChannel channel = FileChannel.open(
                fresh, options, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
            ByteBuffer bytes = ByteBuffer.wrap(content.getBytes(StandardCharsets.US_ASCII));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        Path parent = file.toAbsolutePath().getParent();
        if (parent != null) {
            try (FileChannel directory = FileChannel.open(parent, StandardOpenOption.READ)) {
                directory.force(true);
            }
        }
    }
}
