package com.kingcdn.origin;

import com.kingcdn.origin.content.CatalogEntry;
import com.kingcdn.origin.content.ContentPath;
import com.kingcdn.origin.content.ContentStore;
import com.kingcdn.origin.content.StoreException;
import com.kingcdn.origin.content.Upload;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * The title that the textbook's URL names, {@code /6Y7B23V}: a little more than 20 MiB that do not compress and are the same
 * everywhere, so that whoever fetches it can tell whether each byte is right.
 */
public final class DemoTitle {

    public static final String PATH = "/6Y7B23V";

    /** In bytes; no multiple of anything that a cache or a disk cuts content into. */
    public static final int SIZE = 20 * 1024 * 1024 + 4_711;

    private static final int CHUNK = 64 * 1024;

    private DemoTitle() {}

    /** All of its bytes. */
    public static byte[] bytes() {
        byte[] all = new byte[SIZE];
        fill(0, all, SIZE);
        return all;
    }

    /** Stores it, unless the store has something of that name. */
    static void putIfAbsent(ContentStore store) throws StoreException, IOException {
        ContentPath path = new ContentPath(PATH);
        if (store.catalog().find(path) != null) {
            return;
        }
        try (Upload upload = store.begin(path, "application/octet-stream", SIZE)) {
            byte[] chunk = new byte[CHUNK];
            for (int offset = 0; offset < SIZE; offset += CHUNK) {
                int length = Math.min(CHUNK, SIZE - offset);
                fill(offset, chunk, length);
                upload.write(ByteBuffer.wrap(chunk, 0, length));
            }
            upload.commit(null, (CatalogEntry present) -> true);
        }
    }

    /** SplitMix64 (Steele, Lea and Flood 2014) seeded with nothing, its numbers one after the other in big-endian order. */
    private static void fill(int offset, byte[] into, int length) {
        for (int i = 0; i < length; i++) {
            int position = offset + i;
            long z = ((position >>> 3) + 1) * 0x9e3779b97f4a7c15L;
            z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
            z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
            z ^= z >>> 31;
            into[i] = (byte) (z >>> (56 - 8 * (position & 7)));
        }
    }
}
