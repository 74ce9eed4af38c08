package com.kingcdn.edge.store;

import com.kingcdn.edge.policy.CacheKey;
import com.kingcdn.edge.policy.StoredResponse;
import com.kingcdn.edge.policy.Variant;
import com.kingcdn.http.HeaderFields;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The disk form of metadata: a version octet, then flags, key, length, generation, status, times, variant and fields. Strings are UTF-8 with their
 * length before them. What is not of this version, or not whole, is not read: the entry is then forgotten.
 */
final class MetadataCodec {

    private static final int VERSION = 2;

    /** What most take. */
    private static final int EXPECTED_BYTES = 768;

    private static final int HAS_HOST = 1;
    private static final int VALIDATION_REQUIRED = 2;

    private MetadataCodec() {}

    static byte[] encode(Metadata metadata) {
        CacheKey key = metadata.key();
        StoredResponse response = metadata.response();
        String host = key.host();
        OctetWriter out = new OctetWriter(EXPECTED_BYTES);
        out.put(VERSION);
        out.put((host == null ? 0 : HAS_HOST) | (metadata.validationRequired() ? VALIDATION_REQUIRED : 0));
        out.putText(key.distribution());
        if (host != null) {
            out.putText(host);
        }
        out.putText(key.target());
        out.putLong(metadata.length());
        out.putLong(metadata.generation());
        out.putShort(response.status());
        out.putLong(response.requestTimeMillis());
        out.putLong(response.responseTimeMillis());
        out.putTexts(response.variant().names());
        out.putTexts(response.variant().values());
        HeaderFields fields = response.fields();
        out.putShort(fields.size());
        for (int i = 0; i < fields.size(); i++) {
            out.putText(fields.name(i));
            out.putText(fields.value(i));
        }
        return out.octets();
    }

    /** Null for anything that {@link #encode} of this version has not made. */
    static @Nullable Metadata decode(byte[] octets) {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(octets))) {
            return in.readByte() == VERSION ? read(in) : null;
        } catch (IOException | IllegalArgumentException e) {
            return null;
        }
    }

    private static Metadata read(DataInputStream in) throws IOException {
        int flags = in.readByte();
        String distribution = readString(in);
        String host = (flags & HAS_HOST) == 0 ? null : readString(in);
        CacheKey key = new CacheKey(distribution, host, readString(in)).shared();
        long length = in.readLong();
        long generation = in.readLong();
        int status = in.readUnsignedShort();
        long requestTime = in.readLong();
        long responseTime = in.readLong();
        Variant variant = new Variant(readStrings(in), readStrings(in));
        HeaderFields.Builder fields = HeaderFields.builder();
        for (int i = in.readUnsignedShort(); i > 0; i--) {
            fields.add(readString(in), readString(in));
        }
        if (length < 0 || length > Blocks.MAX_LENGTH) {
            throw new IOException("no length: " + length);
        }
        StoredResponse response = StoredResponse.of(status, fields.build(), variant, requestTime, responseTime);
        return new Metadata(key, response, length, generation, (flags & VALIDATION_REQUIRED) != 0);
    }

    private static List<String> readStrings(DataInputStream in) throws IOException {
        List<String> texts = new ArrayList<>(4);
        for (int i = in.readUnsignedShort(); i > 0; i--) {
            texts.add(readString(in));
        }
        return texts;
    }

    private static String readString(DataInputStream in) throws IOException {
        int length = in.readInt();
        if (length < 0 || length > in.available()) {
            throw new IOException("no string of " + length + " octets is left");
        }
        return new String(in.readNBytes(length), StandardCharsets.UTF_8);
    }
}
