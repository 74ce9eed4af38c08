package com.kingcdn.edge.web;

import com.kingcdn.edge.cache.CacheStatus;
import com.kingcdn.edge.policy.ForwardReason;

/** Writes this edge's member of Cache-Status (RFC 9211), a structured field (RFC 9651): the node's name and its parameters. */
final class CacheStatusHeader {

    private final String cache;
    private final String hit;

    CacheStatusHeader(String node) {
        this.cache = item(node);
        this.hit = cache + "; hit";
    }

    String value(CacheStatus status) {
        ForwardReason forward = status.forward();
        if (forward == null && status.detail() == null && !status.collapsed()) {
            return status.ttlSeconds() == CacheStatus.NO_TTL ? hit : hit + "; ttl=" + status.ttlSeconds();
        }
        StringBuilder value = new StringBuilder(96);
        if (status.generated()) {
            value.append(cache);
        } else if (forward == null) {
            value.append(hit);
        } else {
            value.append(cache).append("; fwd=").append(forward.token());
            if (status.forwardStatus() != 0) {
                value.append("; fwd-status=").append(status.forwardStatus());
            }
        }
        if (status.stored()) {
            value.append("; stored");
        }
        if (status.collapsed()) {
            value.append("; collapsed");
        }
        if (status.ttlSeconds() != CacheStatus.NO_TTL) {
            value.append("; ttl=").append(status.ttlSeconds());
        }
        String detail = status.detail();
        if (detail != null) {
            value.append("; detail=").append(item(detail));
        }
        return value.toString();
    }

    /** A token when it can be one, else a string (RFC 9651 sections 3.3.3, 3.3.4). */
    private static String item(String text) {
        return isToken(text) ? text : '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    private static boolean isToken(String text) {
        if (text.isEmpty() || !(isLetter(text.charAt(0)) || text.charAt(0) == '*')) {
            return false;
        }
        for (int i = 1; i < text.length(); i++) {
            char c = text.charAt(i);
            if (!isLetter(c) && !(c >= '0' && c <= '9') && "!#$%&'*+-.^_`|~:/".indexOf(c) < 0) {
                return false;
            }
        }
        return true;
    }

    private static boolean isLetter(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    }
}
