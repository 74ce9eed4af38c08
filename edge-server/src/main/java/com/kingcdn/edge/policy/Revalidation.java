package com.kingcdn.edge.policy;

import com.kingcdn.http.ContentRange;
import com.kingcdn.http.EntityTag;
import com.kingcdn.http.FieldNames;
import com.kingcdn.http.HeaderFields;
import com.kingcdn.http.HopByHop;
import com.kingcdn.http.HttpDate;
import com.kingcdn.http.Validators;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** How a stored response is confirmed by upstream (RFC 9111 sections 4.3 and 3.2). */
public final class Revalidation {

    /** They say how the stored bytes are to be read, which a 304 or a HEAD does not bring (section 3.2). */
    private static final FieldNames OF_THE_CONTENT =
            FieldNames.of("content-length", "content-encoding", "content-range");

    private static final FieldNames OF_ONE_CLIENT = FieldNames.of(
            "if-match",
            "if-none-match",
            "if-modified-since",
            "if-unmodified-since",
            "if-range",
            "range",
            StoredResponse.CODING);

    /** The longest head in octets that confirmations may make: as long as upstream's own may be. */
    private static final int LONGEST_HEAD = 64 * 1024;

    private Revalidation() {}

    /** A request's fields without what makes its response one for this client only: conditions, the range, the coding it takes. */
    public static HeaderFields forEverybody(HeaderFields request) {
        return request.without(OF_ONE_CLIENT);
    }

    /** The conditions to ask with (section 4.3.1); empty when there is nothing to compare by. */
    public static HeaderFields conditions(StoredResponse stored) {
        HeaderFields.Builder conditions = HeaderFields.builder();
        EntityTag tag = stored.validators().entityTag();
        if (tag != null) {
            conditions.add("if-none-match", tag.toString());
        }
        String modified = stored.fields().first("last-modified");
        if (modified != null && stored.validators().lastModified().isPresent()) {
            conditions.add("if-modified-since", modified);
        }
        return conditions.build();
    }

    /**
     * The stored response as a 304 updates it (sections 4.3.4 and 3.2); null when the 304 is about another version, or makes the
     * response one that cannot be selected again, or may not be stored, or one with too long a head: then it has to be fetched anew
     * without conditions.
     *
     * @param request the client's request, for a changed Vary
     * @param fields of the 304
     * @param rules of the distribution as they are now
     */
    public static @Nullable StoredResponse freshen(
            StoredResponse stored,
            CacheRequest request,
            HeaderFields fields,
            CacheRules rules,
            long requestTimeMillis,
            long responseTimeMillis) {
        if (!isOfSameVersion(stored.validators(), Validators.of(fields, responseTimeMillis))) {
            return null;
        }
        HeaderFields updated = update(stored.fields(), fields, rules, responseTimeMillis);
        if (updated.encodedLength() > LONGEST_HEAD) {
            return null; // with other names each time it would grow for ever
        }
        Variant variant = fields.contains("vary") ? Variant.of(updated, request.fields()) : stored.variant();
        if (variant == null) {
            return null;
        }
        StoredResponse response =
                StoredResponse.of(stored.status(), updated, variant, requestTimeMillis, responseTimeMillis);
        return Storability.mayShare(request, response, rules) ? response : null;
    }

    /**
     * The stored response as a 200 to a HEAD updates it (section 4.3.5); null when the status, the validators or the length differ: then
     * it is outdated and must be validated before it is used again.
     *
     * @param storedLength of its content in octets; negative when it is not known
     */
    public static @Nullable StoredResponse freshenByHead(
            StoredResponse stored,
            long storedLength,
            CacheRequest request,
            HeaderFields fields,
            CacheRules rules,
            long requestTimeMillis,
            long responseTimeMillis) {
        String length = fields.first("content-length");
        if (stored.status() != 200 || (length != null && !length.equals(Long.toString(storedLength)))) {
            return null;
        }
        return freshen(stored, request, fields, rules, requestTimeMillis, responseTimeMillis);
    }

    /** A validator that differs names another version; an answer without any confirms what was asked about. */
    private static boolean isOfSameVersion(Validators held, Validators sent) {
        EntityTag tag = sent.entityTag();
        if (tag != null) {
            return held.entityTag() != null && tag.matchesWeakly(held.entityTag());
        }
        return sent.lastModified().isEmpty()
                || held.lastModified().isEmpty()
                || sent.lastModified().equals(held.lastModified());
    }

    private static HeaderFields update(
            HeaderFields stored, HeaderFields received, CacheRules rules, long responseTimeMillis) {
        HeaderFields news = HopByHop.strip(received).without(OF_THE_CONTENT);
        Set<String> replaced = new LinkedHashSet<>();
        news.forEach((name, value) -> replaced.add(name));
        HeaderFields.Builder updated = stored
                .without(name -> replaced.contains(name) || name.equals("age") || name.equals(CacheRules.FIELD))
                .toBuilder();
        news.forEach(updated::add);
        if (HttpDate.parse(news.first("date"), responseTimeMillis).isEmpty()) {
            updated.set("date", HttpDate.format(responseTimeMillis));
        }
        Set<String> withheld =
                CacheControl.ofResponse(updated.build(), rules.targetedField()).withheldFields();
        HeaderFields kept =
                withheld.isEmpty() ? updated.build() : updated.build().without(withheld::contains);
        return Storability.remember(rules, kept);
    }

    /** Fields of a 304 that are for the one who asked, and nobody after. */
    public static HeaderFields withheld(HeaderFields fields, CacheRules rules) {
        return Storability.withheld(fields, CacheControl.ofResponse(fields, rules.targetedField()));
    }

    /**
     * Whether a 206 carries bytes of the very version that is stored, so that they may be put together (section 3.4, RFC 9110 section
     * 15.3.7.3): both name it by the same strong validator, and the complete length is the same.
     *
     * @param fields of the 206
     * @param completeLength of what is stored
     */
    public static boolean mayCombine(
            StoredResponse stored, HeaderFields fields, long completeLength, long responseTimeMillis) {
        ContentRange part = ContentRange.parse(fields.first("content-range"));
        return part != null
                && part.completeLength() == completeLength
                && stored.validators().matchesStrongly(Validators.of(fields, responseTimeMillis));
    }
}
