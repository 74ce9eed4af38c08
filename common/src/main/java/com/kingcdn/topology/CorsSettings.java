package com.kingcdn.topology;

import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Which pages of other origins may read a distribution's responses (the CORS protocol of the Fetch standard). The edge answers
 * preflights itself, and gives the fields of the others in the place of the origin server.
 *
 * @param origins such as {@code https://www.netcinema.example}, or {@code *} alone
 * @param methods of Access-Control-Allow-Methods; GET, HEAD and POST need none
 * @param headers of Access-Control-Allow-Headers: request fields that pages may set
 * @param exposeHeaders of Access-Control-Expose-Headers: response fields that pages may read
 * @param maxAge how long browsers may keep a preflight's answer, at most a day; null leaves it to them
 * @param credentials whether cookies may be sent; not with {@code *}
 */
public record CorsSettings(
        List<String> origins,
        List<String> methods,
        List<String> headers,
        List<String> exposeHeaders,
        @Nullable Duration maxAge,
        boolean credentials) {

    private static final Pattern ORIGIN = Pattern.compile("https?://[a-z0-9.-]{1,253}(:[1-9][0-9]{0,4})?");
    private static final Pattern TOKEN = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}");

    public CorsSettings(
            @Nullable List<String> origins,
            @Nullable List<String> methods,
            @Nullable List<String> headers,
            @Nullable List<String> exposeHeaders,
            @Nullable Duration maxAge,
            boolean credentials) {
        this.origins = Identifiers.list(origins);
        this.methods = tokens("method", methods);
        this.headers = tokens("header", headers);
        this.exposeHeaders = tokens("exposed header", exposeHeaders);
        this.maxAge = maxAge;
        this.credentials = credentials;
        if (this.origins.isEmpty()) {
            throw new IllegalArgumentException("cors needs origins");
        }
        if (this.origins.contains("*") && (this.origins.size() > 1 || credentials)) {
            throw new IllegalArgumentException("the origin '*' stands alone, and without credentials");
        }
        for (String origin : this.origins) {
            if (!origin.equals("*") && !ORIGIN.matcher(origin).matches()) {
                throw new IllegalArgumentException(
                        "'" + origin + "' is not an origin such as https://www.netcinema.example");
            }
        }
        if (maxAge != null && (maxAge.isNegative() || maxAge.compareTo(Duration.ofDays(1)) > 0)) {
            throw new IllegalArgumentException("maxAge is too long: at most 1d");
        }
    }

    private static List<String> tokens(String what, @Nullable List<String> values) {
        List<String> tokens = Identifiers.list(values);
        for (String token : tokens) {
            if (!TOKEN.matcher(token).matches()) {
                throw new IllegalArgumentException("'" + token + "' is not a " + what);
            }
        }
        return tokens;
    }
}
