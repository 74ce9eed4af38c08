package com.kingcdn.edge.policy;

import com.kingcdn.http.HeaderFields;
import com.kingcdn.topology.CorsSettings;
import com.kingcdn.topology.DeliverySettings.Cookies;
import com.kingcdn.topology.Distribution;
import com.kingcdn.topology.FieldChanges;
import org.jspecify.annotations.Nullable;

/** What a distribution changes of the header sections its clients are sent, pure. */
public final class ResponseRules {

    private ResponseRules() {}

    /** Whether there is anything to change. */
    public static boolean has(Distribution distribution) {
        return distribution.headers() != null || distribution.delivery() != null;
    }

    /** The fields for all clients. Depends on nothing else, so that what comes of a stored response can be kept with it. */
    public static HeaderFields forAll(Distribution distribution, HeaderFields fields) {
        if (!has(distribution)) {
            return fields;
        }
        HeaderFields.Builder changed = fields.toBuilder();
        if (RequestRules.cookies(distribution) == Cookies.STRIP) {
            changed.remove("set-cookie");
        }
        if (distribution.delivery() != null
                && distribution.delivery().compression()
                && Compressible.is(fields)
                && !variesOn("accept-encoding", fields)) {
            changed.add("vary", "accept-encoding");
        }
        CorsSettings cors = cors(distribution);
        if (cors != null) {
            replaceCors(cors, changed);
        }
        if (distribution.headers() != null) {
            FieldChanges changes = distribution.headers().toClient();
            changes.remove().forEach(changed::remove);
            changes.set().forEach(changed::set);
            changes.add().forEach(changed::add);
        }
        return changed.build();
    }

    /** Whether a response says that it was selected by a field (RFC 9110 section 12.5.5). */
    public static boolean variesOn(String name, HeaderFields fields) {
        String vary = fields.combined("vary");
        if (vary == null) {
            return false;
        }
        for (String member : vary.split(",")) {
            if (member.strip().equalsIgnoreCase(name)) {
                return true;
            }
        }
        return false;
    }

    private static void replaceCors(CorsSettings cors, HeaderFields.Builder changed) {
        changed.remove("access-control-allow-origin")
                .remove("access-control-allow-credentials")
                .remove("access-control-expose-headers");
        if (cors.origins().contains("*")) {
            changed.add("access-control-allow-origin", "*");
        } else {
            // also for requests without Origin: a browser's cache must not give them to one that has it
            changed.add("vary", "origin");
        }
        if (!cors.exposeHeaders().isEmpty()) {
            changed.add("access-control-expose-headers", String.join(", ", cors.exposeHeaders()));
        }
    }

    /** The fields for this client, of those for all. */
    public static HeaderFields forRequest(Distribution distribution, CacheRequest request, HeaderFields fields) {
        CorsSettings cors = cors(distribution);
        if (cors == null || cors.origins().contains("*")) {
            return fields;
        }
        String origin = request.fields().first("origin");
        if (origin == null || !cors.origins().contains(origin)) {
            return fields;
        }
        HeaderFields.Builder own = fields.toBuilder().add("access-control-allow-origin", origin);
        if (cors.credentials()) {
            own.add("access-control-allow-credentials", "true");
        }
        return own.build();
    }

    static @Nullable CorsSettings cors(Distribution distribution) {
        return distribution.delivery() == null ? null : distribution.delivery().cors();
    }
}
