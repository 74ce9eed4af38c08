package com.kingcdn.control.client;

import java.net.URI;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** The redirectors an edge may talk to, and which one it talks to now. Safe for several threads. */
final class ControlUrls {

    private final List<URI> urls;
    private final AtomicInteger turn = new AtomicInteger();

    /** @throws IllegalArgumentException without any, or for one that is no http or https URL */
    ControlUrls(List<URI> urls) {
        if (urls.isEmpty()) {
            throw new IllegalArgumentException("a control URL is needed, such as http://127.0.0.1:8500");
        }
        for (URI url : urls) {
            @Nullable String scheme = url.getScheme();
            if (!("http".equals(scheme) || "https".equals(scheme)) || url.getHost() == null) {
                throw new IllegalArgumentException(
                        "control URL '" + url + "' must be http://host[:port] or https://host[:port]");
            }
        }
        this.urls = List.copyOf(urls);
    }

    URI current() {
        return urls.get(Math.floorMod(turn.get(), urls.size()));
    }

    /** The one in use has failed: the next in turn. */
    void next() {
        turn.incrementAndGet();
    }

    /** All, the one in use first. */
    List<URI> fromCurrent() {
        List<URI> rotated = new ArrayList<>(urls);
        Collections.rotate(rotated, -Math.floorMod(turn.get(), urls.size()));
        return rotated;
    }

    /** @param path starting with '/' */
    static String resolve(URI base, String path) {
        String text = base.toString();
        return (text.endsWith("/") ? text.substring(0, text.length() - 1) : text) + path;
    }
}
