package com.kingcdn.redirector.geo;

import com.kingcdn.topology.IpPrefix;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A writer of small MaxMind DB files, format 2.0: an IPv6 tree with IPv4 at {@code ::/96} and records of 32 bits.
 *
 * <p>Networks must not overlap. Not thread-safe.
 */
final class MmdbWriter {

    private static final int EMPTY = -1;
    private static final int IPV4_DEPTH = 96;
    private static final int DATA_SEPARATOR = 16;
    private static final byte[] METADATA_MARKER = "\u00ab\u00cd\u00efMaxMind.com".getBytes(StandardCharsets.ISO_8859_1);

    private static final int STRING = 2;
    private static final int DOUBLE = 3;
    private static final int UINT16 = 5;
    private static final int UINT32 = 6;
    private static final int MAP = 7;
    private static final int UINT64 = 9;
    private static final int ARRAY = 11;
    private static final int FLOAT = 15;

    /** References: a node's index, {@link #EMPTY}, or below that a data offset as {@code -2 - offset}. */
    private final List<int[]> nodes = new ArrayList<>();

    private final ByteArrayOutputStream data = new ByteArrayOutputStream();
    private final Map<Map<String, ?>, Integer> offsets = new HashMap<>();

    MmdbWriter() {
        nodes.add(new int[] {EMPTY, EMPTY});
    }

    /**
     * Adds a network.
     *
     * @param record values are strings, doubles, floats and maps of those
     */
    void insert(IpPrefix network, Map<String, ?> record) {
        int reference = -2 - offsets.computeIfAbsent(record, this::append);
        byte[] address = new byte[16];
        byte[] given = network.address();
        System.arraycopy(given, 0, address, 16 - given.length, given.length);
        int length = network.length() + (network.isIpv4() ? IPV4_DEPTH : 0);
        int node = 0;
        for (int depth = 0; ; depth++) {
            int side = (address[depth >> 3] >> (7 - (depth & 7))) & 1;
            int next = nodes.get(node)[side];
            if (next < EMPTY || (depth == length - 1 && next != EMPTY)) {
                throw new IllegalArgumentException(network + " overlaps a network that was added before");
            }
            if (depth == length - 1) {
                nodes.get(node)[side] = reference;
                return;
            }
            if (next == EMPTY) {
                next = nodes.size();
                nodes.add(new int[] {EMPTY, EMPTY});
                nodes.get(node)[side] = next;
            }
            node = next;
        }
    }

    private int append(Map<String, ?> record) {
        int offset = data.size();
        data.writeBytes(encode(record));
        return offset;
    }

    /**
     * The whole file.
     *
     * @param type such as {@code Example-City}
     * @param buildEpoch seconds since 1970
     */
    byte[] toBytes(String type, String description, long buildEpoch) {
        ByteArrayOutputStream result = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(result)) {
            for (int[] node : nodes) {
                for (int reference : node) {
                    out.writeInt(
                            reference >= 0
                                    ? reference
                                    : nodes.size() + (reference == EMPTY ? 0 : DATA_SEPARATOR - 2 - reference));
                }
            }
            out.write(new byte[DATA_SEPARATOR]);
            data.writeTo(out);
            out.write(METADATA_MARKER);
            writeMetadata(out, type, description, buildEpoch);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return result.toByteArray();
    }

    private void writeMetadata(DataOutputStream out, String type, String description, long buildEpoch)
            throws IOException {
        writeControl(out, MAP, 9);
        writeUnsigned(out, "binary_format_major_version", UINT16, 2);
        writeUnsigned(out, "binary_format_minor_version", UINT16, 0);
        writeUnsigned(out, "build_epoch", UINT64, buildEpoch);
        writeUnsigned(out, "ip_version", UINT16, 6);
        writeUnsigned(out, "node_count", UINT32, nodes.size());
        writeUnsigned(out, "record_size", UINT16, 32);
        writeString(out, "database_type");
        writeString(out, type);
        writeString(out, "description");
        out.write(encode(Map.of("en", description)));
        writeString(out, "languages");
        writeControl(out, ARRAY, 1);
        writeString(out, "en");
    }

    private static byte[] encode(Object value) {
        ByteArrayOutputStream result = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(result)) {
            write(out, value);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return result.toByteArray();
    }

    private static void write(DataOutputStream out, Object value) throws IOException {
        if (value instanceof String text) {
            writeString(out, text);
        } else if (value instanceof Double number) {
            writeControl(out, DOUBLE, 8);
            out.writeDouble(number);
        } else if (value instanceof Float number) {
            writeControl(out, FLOAT, 4);
            out.writeFloat(number);
        } else if (value instanceof Map<?, ?> map) {
            writeControl(out, MAP, map.size());
            for (Map.Entry<?, ?> entry : map.entrySet()) {
                write(out, entry.getKey());
                write(out, entry.getValue());
            }
        } else {
            throw new IllegalArgumentException("no MaxMind DB type for " + value.getClass());
        }
    }

    private static void writeString(DataOutputStream out, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        writeControl(out, STRING, bytes.length);
        out.write(bytes);
    }

    private static void writeUnsigned(DataOutputStream out, String key, int type, long value) throws IOException {
        writeString(out, key);
        int length = (Long.SIZE - Long.numberOfLeadingZeros(value) + 7) / 8;
        writeControl(out, type, length);
        for (int i = length - 1; i >= 0; i--) {
            out.write((int) (value >>> (8 * i)));
        }
    }

    /** The control byte: three bits of type and five of size, either with an extension. */
    private static void writeControl(DataOutputStream out, int type, int size) throws IOException {
        int shortSize = Math.min(size, 29);
        out.write(type <= MAP ? type << 5 | shortSize : shortSize);
        if (type > MAP) {
            out.write(type - MAP);
        }
        if (shortSize == 29) {
            if (size > 29 + 255) {
                throw new IllegalArgumentException(
                        "a value of " + size + " bytes or entries is too long for this writer");
            }
            out.write(size - 29);
        }
    }
}
