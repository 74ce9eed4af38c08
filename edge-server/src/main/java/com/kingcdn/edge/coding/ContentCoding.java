package com.kingcdn.edge.coding;

import com.aayushatharva.brotli4j.Brotli4jLoader;
import com.aayushatharva.brotli4j.encoder.BrotliOutputStream;
import com.aayushatharva.brotli4j.encoder.Encoder;
import com.github.luben.zstd.ZstdOutputStreamNoFinalizer;
import com.github.luben.zstd.util.Native;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.zip.GZIPOutputStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A coding this edge can make (RFC 9110 section 8.4.1), the smallest result first: that is the order among those that a client wants
 * equally. Content is coded once and kept, so levels are of the slower half.
 */
public enum ContentCoding {
    /** Brotli (RFC 7932), by native code. */
    BR {
        @Override
        boolean load() {
            Brotli4jLoader.ensureAvailability();
            return true;
        }

        @Override
        public OutputStream encode(OutputStream sink) throws IOException {
            return Brotli.encode(sink);
        }
    },
    /** Zstandard (RFC 8878), by native code. Its window stays far below the 8 MiB that RFC 9659 allows. */
    ZSTD {
        @Override
        boolean load() {
            Native.load();
            return true;
        }

        @Override
        public OutputStream encode(OutputStream sink) throws IOException {
            return Zstd.encode(sink);
        }
    },
    /** The JDK's gzip (RFC 1952). */
    GZIP {
        @Override
        boolean load() {
            return true;
        }

        @Override
        public OutputStream encode(OutputStream sink) throws IOException {
            return new GZIPOutputStream(sink, BUFFER);
        }
    };

    private static final Logger LOG = LoggerFactory.getLogger(ContentCoding.class);

    private static final int BROTLI_QUALITY = 6;
    private static final int ZSTD_LEVEL = 8;
    private static final int BUFFER = 8192;

    private final String token = name().toLowerCase(Locale.ROOT);

    // Each library's types in a class of its own: who links a class that returns them needs them, and they may not be
    // there.

    private static final class Brotli {

        static OutputStream encode(OutputStream sink) throws IOException {
            return new BrotliOutputStream(sink, new Encoder.Parameters().setQuality(BROTLI_QUALITY));
        }
    }

    private static final class Zstd {

        static OutputStream encode(OutputStream sink) throws IOException {
            return new ZstdOutputStreamNoFinalizer(sink, ZSTD_LEVEL);
        }
    }

    /** Looked for when it is first asked for: an edge whose distributions compress nothing loads nothing. */
    private static final class Loaded {

        private static final Set<ContentCoding> AVAILABLE = Arrays.stream(values())
                .filter(Loaded::isLoaded)
                .collect(Collectors.toCollection(() -> EnumSet.noneOf(ContentCoding.class)));

        private static boolean isLoaded(ContentCoding coding) {
            try {
                return coding.load();
            } catch (LinkageError | RuntimeException e) {
                LOG.warn("No {} on this machine, others are used in its place: {}", coding.token(), e.toString());
                return false;
            }
        }
    }

    abstract boolean load();

    /** Its name in Accept-Encoding and Content-Encoding. */
    public String token() {
        return token;
    }

    /** Whether this machine can make it. */
    public boolean isAvailable() {
        return Loaded.AVAILABLE.contains(this);
    }

    /** Takes content and writes its coded form; closing it writes the end and frees what it holds. */
    public abstract OutputStream encode(OutputStream sink) throws IOException;
}
