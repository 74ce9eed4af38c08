package com.kingcdn.origin.web;

import com.kingcdn.http.HeaderFields;
import com.kingcdn.origin.content.CatalogEntry;
import java.nio.charset.StandardCharsets;

/**
 * What to answer.
 *
 * @param fields without Content-Length and the fields of the connection
 */
record ContentResponse(int status, HeaderFields fields, Body body) {

    /** What follows the header section. */
    sealed interface Body {

        /** The Content-Length; -1 where there must be none. */
        long length();
    }

    /** Nothing, and no length either: 304. */
    record Empty() implements Body {

        @Override
        public long length() {
            return -1;
        }
    }

    /** An error's words. */
    record Words(String text) implements Body {

        @Override
        public long length() {
            return bytes().length;
        }

        byte[] bytes() {
            return text.getBytes(StandardCharsets.UTF_8);
        }
    }

    /** One run of the content's bytes; no bytes at all when the content is empty. */
    record Content(CatalogEntry entry, long first, long length) implements Body {}

    /** Several runs with heads between them. */
    record Multipart(CatalogEntry entry, MultipartByteRanges parts) implements Body {

        @Override
        public long length() {
            return parts.length();
        }
    }
}
