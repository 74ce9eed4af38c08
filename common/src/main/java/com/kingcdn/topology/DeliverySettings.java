package com.kingcdn.topology;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What clients may ask, and in which form they are answered.
 *
 * @param methods that are forwarded or answered, in upper case; all that the edge knows when left out; GET makes HEAD too. Others are
 *     answered 405
 * @param compression whether text that comes uncompressed is compressed for clients that accept it
 * @param cookies keep when left out
 * @param cors answers to cross-origin requests; null leaves them to the origin
 * @param httpsRedirect whether {@code http} requests are answered 308 to the same place with {@code https}
 */
public record DeliverySettings(
        List<String> methods,
        boolean compression,
        Cookies cookies,
        @Nullable CorsSettings cors,
        boolean httpsRedirect) {

    /** What happens to Cookie and Set-Cookie. */
    public enum Cookies {
        /** Both go through; what the origin allows to be stored is stored, as RFC 9111 says. */
        @JsonProperty("keep")
        KEEP,
        /** Neither goes through: the distribution's content knows no user. */
        @JsonProperty("strip")
        STRIP,
        /** Both go through, and nothing that comes with one is stored or answered from the cache. */
        @JsonProperty("pass")
        PASS
    }

    /** Every method the edge knows. */
    public static final Set<String> ALL_METHODS = Set.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS");

    public DeliverySettings(
            @Nullable List<String> methods,
            boolean compression,
            @Nullable Cookies cookies,
            @Nullable CorsSettings cors,
            boolean httpsRedirect) {
        this.methods = Identifiers.list(methods);
        this.compression = compression;
        this.cookies = cookies == null ? Cookies.KEEP : cookies;
        this.cors = cors;
        this.httpsRedirect = httpsRedirect;
        Identifiers.unique("method", this.methods);
        for (String method : this.methods) {
            if (!ALL_METHODS.contains(method)) {
                throw new IllegalArgumentException(
                        "method '" + method + "' is none of GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
            }
        }
    }

    /** Whether requests of this method are served. */
    public boolean allows(String method) {
        return methods.isEmpty() || methods.contains(method) || (method.equals("HEAD") && methods.contains("GET"));
    }
}
