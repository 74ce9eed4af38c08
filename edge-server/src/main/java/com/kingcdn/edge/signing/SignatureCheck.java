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
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Whether requests have the token that their distribution asks for.
 *
 * <p>Players send one token again and again: those whose signature was good are remembered, so that only time, place and client are looked
 * at the next time. What is forged is remembered nowhere.
 */
public final class SignatureCheck {

    private static final int MOST_TOKENS = 20_000;

    /** One for each depth of path at which titles have theirs; more only cost time. */
    private static final int MOST_COOKIES = 4;

    private final InstantSource clock;

    /** By identity, since each configuration brings new settings. */
    private final Cache<SigningSettings, KeySet> keys =
            Caffeine.newBuilder().weakKeys().build();

    private final Cache<Known, Object> tokens =
            Caffeine.newBuilder().maximumSize(MOST_TOKENS).build();

    /** By distribution: configurations change, and what was used stays so. */
    private final Map<String, UsedNonces> nonces = new ConcurrentHashMap<>();

    public SignatureCheck(InstantSource clock) {
        this.clock = clock;
    }

    /** A token that these keys have signed; keys are equal to themselves only. */
    private record Known(KeySet keys, String text) {}

    /**
     * What came of a check.
     *
     * @param request without its token, as the cache and the origin are to see it
     * @param renewed the value of a Set-Cookie field with the client's next token, or null
     */
    public record Checked(SignatureResult result, CacheRequest request, @Nullable String renewed) {}

    /** What came of one token. */
    private record Verdict(SignatureResult result, @Nullable String renewed) {

        boolean isGood() {
            return result == SignatureResult.VALID;
        }

        static Verdict of(SignatureResult result) {
            return new Verdict(result, null);
        }
    }

    /** A request to a distribution, and who sends it. */
    private record Question(
            Distribution distribution, SigningSettings settings, CacheRequest request, @Nullable InetAddress client) {}

    /** Checks a request to a distribution that asks for tokens. */
    public Checked check(
            Distribution distribution, SigningSettings settings, CacheRequest request, @Nullable InetAddress client) {
        List<String> inUri = new ArrayList<>(1);
        List<String> inCookies = new ArrayList<>(1);
        CacheRequest bare = new TokenPlace(settings.parameter(), inUri, inCookies).take(request);
        int signedInUri = inUri.size();
        int signedInCookies = inCookies.size();
        CacheRequest plain = new TokenPlace(SigningSettings.PREFIX_TOKEN, inUri, inCookies).take(bare);
        if (!isProtected(settings, plain.target())) {
            return new Checked(SignatureResult.VALID, plain, null);
        }
        Verdict verdict = Verdict.of(SignatureResult.MISSING);
        if (inUri.size() > 1 || inCookies.size() > MOST_COOKIES) {
            verdict = Verdict.of(SignatureResult.AMBIGUOUS);
        } else {
            Question question = new Question(distribution, settings, plain, client);
            verdict = firstGood(question, inCookies, signedInCookies, verdict);
            verdict = verdict.isGood() ? verdict : firstGood(question, inUri, signedInUri, verdict);
        }
        SigningMetrics.checked(verdict.result());
        return new Checked(verdict.result(), plain, verdict.renewed());
    }

    /**
     * One good token is enough: a renewed cookie stands beside the first token in the URI of a playlist that is loaded again, and beside
     * cookies of other paths. When none is good, what is wrong with the last is said.
     *
     * @param signed how many of the tokens, the first, are URI Signing's
     */
    private Verdict firstGood(Question question, List<String> tokens, int signed, Verdict none) {
        Verdict verdict = none;
        for (int i = 0; i < tokens.size() && !verdict.isGood(); i++) {
            verdict = i < signed ? signed(question, tokens.get(i)) : prefixed(question, tokens.get(i));
        }
        return verdict;
    }

    private Verdict prefixed(Question question, String text) {
        try {
            PrefixToken token = known(known(question, text), PrefixToken.class, PrefixToken::verify);
            return Verdict.of(token.check(question.request(), clock.millis()));
        } catch (RefusedTokenException e) {
            return Verdict.of(e.why());
        }
    }

    private Verdict signed(Question question, String text) {
        try {
            UriSigningToken token = known(known(question, text), UriSigningToken.class, UriSigningToken::verify);
            CacheRequest request = question.request();
            String uri = request.scheme() + "://" + request.authority() + request.target();
            String audience = question.settings().audience();
            String wanted = audience == null ? question.distribution().id() : audience;
            long now = clock.millis();
            SignatureResult result = token.check(uri, wanted, question.client(), now);
            if (result == SignatureResult.VALID && token.nonce() != null) {
                result = use(question, token, token.nonce(), now);
            }
            TokenRenewal renewal = token.renewal();
            return result != SignatureResult.VALID || renewal == null
                    ? Verdict.of(result)
                    : new Verdict(result, renewal.cookie(question.settings().parameter(), request, now));
        } catch (RefusedTokenException e) {
            return Verdict.of(e.why());
        }
    }

    private SignatureResult use(Question question, UriSigningToken token, String nonce, long now) {
        Integer most = question.settings().nonces();
        return most == null
                ? SignatureResult.UNSUPPORTED
                : nonces.computeIfAbsent(question.distribution().id(), id -> new UsedNonces())
                        .use(nonce, token.expiresMillis(), now, most);
    }

    private Known known(Question question, String text) {
        return new Known(keys.get(question.settings(), KeySet::new), text);
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
