package com.kingcdn.edge.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.http.HeaderFields;
import com.kingcdn.topology.Distribution;
import com.kingcdn.topology.HostHeader;
import com.kingcdn.topology.OriginEndpoint;
import java.net.URI;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;

class ForwardedFieldsTest {

    private static final OriginEndpoint ORIGIN = new OriginEndpoint(URI.create("http://origin.example:8600/base"));
    private static final Downstream CLIENT = new Downstream("http", "192.0.2.7", null, null);

    private final ForwardedFields fields = new ForwardedFields("nyc-1", ForwardedStyle.X_FORWARDED);

    private static UpstreamRequest request(HostHeader host, HeaderFields fields, Downstream downstream) {
        Distribution distribution = new Distribution("a1105", null, List.of(ORIGIN), host);
        return new UpstreamRequest(distribution, "GET", "video.netcinema.example", "/x", fields, downstream);
    }

    private HeaderFields sent(String... received) {
        return fields.towards(ORIGIN, request(HostHeader.ORIGIN, HeaderFields.of(received), CLIENT));
    }

    /** RFC 9110 section 7.6.1. */
    @Test
    void dropsFieldsOfTheConnectionAndThoseItNominates() {
        HeaderFields sent = sent(
                "connection",
                "keep-alive, X-Secret",
                "x-secret",
                "1",
                "keep-alive",
                "timeout=5",
                "te",
                "trailers",
                "upgrade",
                "h2c",
                "transfer-encoding",
                "chunked",
                "trailer",
                "x",
                "x-kept",
                "2");
        assertThat(sent.first("x-kept")).isEqualTo("2");
        for (String name :
                List.of("connection", "x-secret", "keep-alive", "te", "upgrade", "transfer-encoding", "trailer")) {
            assertThat(sent.contains(name)).as(name).isFalse();
        }
    }

    @Test
    void sendsTheHostTheDistributionWants() {
        assertThat(sent("host", "video.netcinema.example").all("host")).containsExactly("origin.example:8600");
        HeaderFields toClientHost = fields.towards(
                ORIGIN, request(HostHeader.CLIENT, HeaderFields.of("host", "video.netcinema.example"), CLIENT));
        assertThat(toClientHost.all("host")).containsExactly("video.netcinema.example");
    }

    /** RFC 9110 section 7.6.3 and RFC 8586 section 2: both are extended. */
    @Test
    void extendsViaAndCdnLoop() {
        HeaderFields sent = sent("via", "1.1 parent", "cdn-loop", "other");
        assertThat(sent.combined("via")).isEqualTo("1.1 parent, 1.1 nyc-1");
        assertThat(sent.combined("cdn-loop")).isEqualTo("other, nyc-1");
    }

    @Test
    void replacesWhatClientsClaimAboutThemselves() {
        HeaderFields sent =
                sent("x-forwarded-for", "10.0.0.1", "x-forwarded-proto", "https", "forwarded", "for=10.0.0.1");
        assertThat(sent.all("x-forwarded-for")).containsExactly("192.0.2.7");
        assertThat(sent.all("x-forwarded-proto")).containsExactly("http");
        assertThat(sent.all("x-forwarded-host")).containsExactly("video.netcinema.example");
        assertThat(sent.contains("forwarded")).isFalse();
    }

    /** Each names another client or scheme to somebody's origin; {@code Proxy} becomes HTTP_PROXY in a CGI (CVE-2016-5385). */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "true-client-ip",
                "cf-connecting-ip",
                "fastly-client-ip",
                "client-ip",
                "x-client-ip",
                "x-cluster-client-ip",
                "x-originating-ip",
                "x-remote-ip",
                "x-remote-addr",
                "front-end-https",
                "x-forwarded-protocol",
                "x-url-scheme",
                "proxy"
            })
    void takesAwayWhatOnlyAProxyMayClaim(String name) {
        assertThat(sent(name, "10.0.0.1").contains(name)).isFalse();
    }

    /** RFC 7239 section 4 and 6. */
    @Test
    void writesForwardedWithBracketsAroundIpv6() {
        ForwardedFields standard = new ForwardedFields("nyc-1", ForwardedStyle.FORWARDED);
        HeaderFields sent = standard.towards(
                ORIGIN,
                request(HostHeader.ORIGIN, HeaderFields.EMPTY, new Downstream("https", "2001:db8::1", null, null)));
        assertThat(sent.first("forwarded"))
                .isEqualTo("for=\"[2001:db8::1]\";host=\"video.netcinema.example\";proto=https");
        assertThat(sent.contains("x-forwarded-for")).isFalse();
    }

    @Test
    void tellsNothingWhenToldSo() {
        ForwardedFields silent = new ForwardedFields("nyc-1", ForwardedStyle.NONE);
        HeaderFields sent = silent.towards(ORIGIN, request(HostHeader.ORIGIN, HeaderFields.EMPTY, CLIENT));
        assertThat(sent.contains("x-forwarded-for") || sent.contains("forwarded"))
                .isFalse();
    }

    @Test
    void announcesContentOnlyWhenThereIsSome() {
        HeaderFields received = HeaderFields.of("content-length", "5", "expect", "100-continue");
        assertThat(fields.towards(ORIGIN, request(HostHeader.ORIGIN, received, CLIENT))
                        .contains("content-length"))
                .isFalse();
        Downstream sending = new Downstream("http", null, Flux.empty(), null);
        HeaderFields sent = fields.towards(ORIGIN, request(HostHeader.ORIGIN, received, sending));
        assertThat(sent.first("content-length")).isEqualTo("5");
        assertThat(sent.contains("expect")).isFalse();
    }

    /** RFC 8586 section 2: a cdn-id may have parameters, and stand anywhere in the list. */
    @ParameterizedTest
    @ValueSource(strings = {"nyc-1", "other, nyc-1", "NYC-1; trace=1", "a,b , nyc-1;x=y, c"})
    void findsItselfInCdnLoop(String value) {
        assertThat(fields.loops(HeaderFields.of("cdn-loop", value))).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"nyc-10", "other", "other; id=nyc-1", ""})
    void doesNotMistakeOthersForItself(String value) {
        assertThat(fields.loops(HeaderFields.of("cdn-loop", value))).isFalse();
    }
}
