package com.kingcdn.edge.signing;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.kingcdn.edge.policy.CacheRequest;
import com.kingcdn.topology.Distribution;
import com.kingcdn.topology.SigningSettings;
import java.net.InetAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Whether requests have the token that their distribution asks for.
 *
 * <p>Players send one token again and again: those whose signature was good are remembered, so that only time, place and client are looked
 * at the next time. What is forged is remembered nowhere.
 */
public final class SignatureCheck {

    private static final int MOST_TOKENS = 20_000;

    private final InstantSource clock;

    /** By identity, since each configuration brings new settings. */
    private final Cache<SigningSettings, KeySet> keys =
            Caffeine.newBuilder().weakKeys().build();

    private final Cache<Known, Object> tokens =
            Caffeine.newBuilder().maximumSize(MOST_TOKENS).build();

    public SignatureCheck(InstantSource clock) {
        this.clock = clock;
    }

    /** A token that these keys have signed; keys are equal to themselves only. */
    private record Known(KeySet keys, String text) {}

    /**
     * What came of a check.
     *
     * @param request without its token, as the cache and the origin are to see it
     */
    public record Checked(SignatureResult result, CacheRequest request) {}

    /** Checks a request to a distribution that asks for tokens. */
    public Checked check(
            Distribution distribution, SigningSettings settings, CacheRequest request, @Nullable InetAddress client) {
        List<String> signed = new ArrayList<>(1);
        List<String> prefixed = new ArrayList<>(1);
        CacheRequest bare = TokenPlace.take(request, settings.parameter(), signed);
        bare = TokenPlace.take(bare, SigningSettings.PREFIX_TOKEN, prefixed);
        CacheRequest plain = bare;
        if (!isProtected(settings, plain.target())) {
            return new Checked(SignatureResult.VALID, plain);
        }
        SignatureResult result = signed.size() + prefixed.size() > 1
                ? SignatureResult.AMBIGUOUS
                : check(distribution, settings, plain, client, signed, prefixed);
        SigningMetrics.checked(result);
        return new Checked(result, plain);
    }

    private SignatureResult check(
            Distribution distribution,
            SigningSettings settings,
            CacheRequest request,
            @Nullable InetAddress client,
            List<String> signed,
            List<String> prefixed) {
        if (signed.isEmpty() && prefixed.isEmpty()) {
            return SignatureResult.MISSING;
        }
        KeySet keySet = keys.get(settings, KeySet::new);
        try {
            if (!prefixed.isEmpty()) {
                PrefixToken token = known(new Known(keySet, prefixed.get(0)), PrefixToken.class, PrefixToken::verify);
                return token.check(request, clock.millis());
            }
            UriSigningToken token =
                    known(new Known(keySet, signed.get(0)), UriSigningToken.class, UriSigningToken::verify);
            String uri = request.scheme() + "://" + request.authority() + request.target();
            String audience = settings.audience() == null ? distribution.id() : settings.audience();
            return token.check(uri, audience, client, clock.millis());
        } catch (RefusedTokenException e) {
            return e.why();
        }
    }

    /** How a token's signature is checked. */
    private interface Verification<T> {

        T verify(String text, KeySet keys) throws RefusedTokenException;
    }

    private <T> T known(Known token, Class<T> type, Verification<T> verification) throws RefusedTokenException {
        Object before = tokens.getIfPresent(token);
        if (type.isInstance(before)) {
            return type.cast(before);
        }
        T verified = verification.verify(token.text(), token.keys());
        tokens.put(token, verified);
        return verified;
    }

    private static boolean isProtected(SigningSettings settings, String target) {
        if (settings.paths().contains("/")) {
            return true;
        }
        String path = comparable(target);
        return settings.paths().stream().anyMatch(prefix -> path.startsWith(prefix.toLowerCase(Locale.ROOT)));
    }

    /**
     * The path as the most lenient origin could read it, so that no other way of writing a protected path goes without a token: decoded,
     * without empty segments and path parameters, in lower case.
     */
    private static String comparable(String target) {
        int query = target.indexOf('?');
        String path = query < 0 ? target : target.substring(0, query);
        String decoded =
                path.indexOf('%') < 0 ? path : URLDecoder.decode(path.replace("+", "%2B"), StandardCharsets.ISO_8859_1);
        return decoded.replace('\\', '/')
                .replaceAll(";[^/]*", "")
                .replaceAll("/{2,}", "/")
                .toLowerCase(Locale.ROOT);
    }
}
