package com.kingcdn.edge.policy;

import com.kingcdn.edge.policy.CacheControl.Flag;
import com.kingcdn.http.HeaderFields;
import com.kingcdn.http.Validators;
import java.util.Collection;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The head of a response in the cache, with all a later request needs to know read out of its fields once, so that a hit parses
 * nothing. Immutable. Everything follows from the five values it is made of, which is what the disk keeps.
 */
public final class StoredResponse {

    /**
     * The selecting field of a coded form that this cache has made itself of another response; no network can bring it, since its name is
     * no token.
     */
    public static final String CODING = ":coding";

    private final int status;
    private final HeaderFields fields;
    private final Variant variant;
    private final long requestTimeMillis;
    private final long responseTimeMillis;

    private final CacheControl control;
    private final Freshness freshness;
    private final Validators validators;
    private final @Nullable String language;
    private final boolean forbidsStale;
    private final long staleWhileRevalidate;
    private final @Nullable NoVarySearch noVarySearch;

    private StoredResponse(
            int status, HeaderFields fields, Variant variant, long requestTimeMillis, long responseTimeMillis) {
        this.status = status;
        HeaderFields kept = fields.shared();
        this.fields = kept;
        this.variant = variant;
        this.requestTimeMillis = requestTimeMillis;
        this.responseTimeMillis = responseTimeMillis;
        CacheRules rules = CacheRules.parse(kept.first(CacheRules.FIELD));
        this.control = CacheControl.ofResponse(kept, rules.targetedField());
        boolean heuristic = StatusCodes.isHeuristicallyCacheable(status) || control.has(Flag.PUBLIC);
        this.freshness = Freshness.of(kept, control, rules, heuristic, requestTimeMillis, responseTimeMillis);
        this.validators = Validators.of(kept, responseTimeMillis);
        this.language = kept.combined("content-language");
        this.forbidsStale = control.forbidsStale();
        this.noVarySearch = NoVarySearch.of(kept);
        this.staleWhileRevalidate = control.staleWhileRevalidate() == CacheControl.ABSENT
                ? rules.staleWhileRevalidateSeconds()
                : control.staleWhileRevalidate();
    }

    /**
     * One that {@link Storability} has allowed before, as when read back from disk.
     *
     * @param fields as stored: of the whole representation, without fields of the connection and its length
     * @param requestTimeMillis when the request that brought it was sent
     * @param responseTimeMillis when it arrived
     */
    public static StoredResponse of(
            int status, HeaderFields fields, Variant variant, long requestTimeMillis, long responseTimeMillis) {
        return new StoredResponse(status, fields, variant, requestTimeMillis, responseTimeMillis);
    }

    /** The one of these that a request selects, the latest of several (RFC 9111 section 4.1); null when none matches. */
    public static <E> @Nullable E select(
            Collection<E> entries, Function<? super E, StoredResponse> response, CacheRequest request) {
        E selected = null;
        for (E entry : entries) {
            if (response.apply(entry).answers(request)
                    && (selected == null
                            || response.apply(entry).responseTimeMillis
                                    > response.apply(selected).responseTimeMillis)) {
                selected = entry;
            }
        }
        return selected;
    }

    /** Whether a request's fields select this response, its URI being the same. */
    public boolean answers(CacheRequest request) {
        return variant.names().isEmpty() || variant.matches(request.fields(), language);
    }

    public int status() {
        return status;
    }

    /**
     * As they came, Age included, but for fields of the connection, Content-Length, and those this cache may not reuse. Names that
     * begin with a colon are of this cache itself, and never sent.
     */
    public HeaderFields fields() {
        return fields;
    }

    public Variant variant() {
        return variant;
    }

    /** When the request that brought or last confirmed it was sent, Unix time in milliseconds. */
    public long requestTimeMillis() {
        return requestTimeMillis;
    }

    /** When it arrived or was last confirmed, Unix time in milliseconds. */
    public long responseTimeMillis() {
        return responseTimeMillis;
    }

    public CacheControl control() {
        return control;
    }

    public Freshness freshness() {
        return freshness;
    }

    public Validators validators() {
        return validators;
    }

    /** Whether it must not be used once stale without upstream's consent (section 4.2.4). */
    public boolean forbidsStale() {
        return forbidsStale;
    }

    /** What it says about its query; null when all of it matters. */
    public @Nullable NoVarySearch noVarySearch() {
        return noVarySearch;
    }

    /** Whether this cache has made it of another response, by coding its content. */
    public boolean isEncodedHere() {
        return variant.names().contains(CODING);
    }

    /** For how many seconds after its expiry it may be used while it is validated (RFC 5861 section 3); not above 0 for none. */
    long staleWhileRevalidate() {
        return staleWhileRevalidate;
    }

    @Override
    public String toString() {
        return status + " " + variant + " " + freshness;
    }
}
