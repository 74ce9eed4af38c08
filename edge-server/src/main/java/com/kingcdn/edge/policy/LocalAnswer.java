package com.kingcdn.edge.policy;

import com.kingcdn.http.HeaderFields;
import com.kingcdn.topology.CorsSettings;
import com.kingcdn.topology.DeliverySettings;
import com.kingcdn.topology.Distribution;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The answer to a request that a distribution's rules alone give: neither cache nor origin is asked.
 *
 * @param reason for Cache-Status
 */
public record LocalAnswer(int status, HeaderFields fields, Reason reason) {

    /** Which rule gave it. */
    public enum Reason {
        /** {@code http} was asked, {@code https} is served: 308 (RFC 9110 section 15.4.9). */
        HTTPS_REDIRECT,
        /** A CORS preflight (Fetch standard): 204. */
        PREFLIGHT,
        /** The method is not served: 405 (RFC 9110 section 15.5.6). */
        METHOD_NOT_ALLOWED;

        private final String token = name().toLowerCase(Locale.ROOT).replace('_', '-');

        /** As it stands in Cache-Status. */
        public String token() {
            return token;
        }
    }

    /** The answer to a request, or null when the cache is to be asked. */
    public static @Nullable LocalAnswer to(CacheRequest request, Distribution distribution) {
        DeliverySettings delivery = distribution.delivery();
        if (delivery == null) {
            return null;
        }
        if (delivery.httpsRedirect() && request.scheme().equals("http")) {
            String location = "https://" + request.host() + request.target();
            return new LocalAnswer(308, HeaderFields.of("location", location), Reason.HTTPS_REDIRECT);
        }
        CorsSettings cors = delivery.cors();
        String asked = request.fields().first("access-control-request-method");
        if (cors != null && asked != null && request.method().equals("OPTIONS")) {
            return new LocalAnswer(204, preflight(cors), Reason.PREFLIGHT);
        }
        if (!delivery.allows(request.method())) {
            Set<String> allowed = new TreeSet<>(delivery.methods());
            if (allowed.contains("GET")) {
                allowed.add("HEAD");
            }
            return new LocalAnswer(
                    405, HeaderFields.of("allow", String.join(", ", allowed)), Reason.METHOD_NOT_ALLOWED);
        }
        return null;
    }

    /** What pages of the asking origin may do; without the origin's own field it is a no, which is given by {@link ResponseRules}. */
    private static HeaderFields preflight(CorsSettings cors) {
        HeaderFields.Builder fields = HeaderFields.builder();
        List<String> methods = new ArrayList<>(List.of("GET", "HEAD", "POST"));
        cors.methods().stream().filter(method -> !methods.contains(method)).forEach(methods::add);
        fields.add("access-control-allow-methods", String.join(", ", methods));
        if (!cors.headers().isEmpty()) {
            fields.add("access-control-allow-headers", String.join(", ", cors.headers()));
        }
        if (cors.maxAge() != null) {
            fields.add("access-control-max-age", Long.toString(cors.maxAge().toSeconds()));
        }
        return fields.build();
    }
}
