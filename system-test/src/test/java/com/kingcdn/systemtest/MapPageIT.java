package com.kingcdn.systemtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The redirector's map in a real browser: it draws, and it follows what happens. */
@ExtendWith(LocalCdnExtension.class)
class MapPageIT {

    private static final String DARMSTADT =
            "[...document.querySelectorAll('.place')].find(dot => dot.textContent.startsWith('49.9" + "\\u00b0 N'))";

    private final LocalCdn cdn;

    MapPageIT(LocalCdn cdn) {
        this.cdn = cdn;
    }

    /** Also while the page is on its way, when scripts do not find what they look for. */
    private static ConditionFactory soon() {
        return await().atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(100))
                .ignoreExceptionsInstanceOf(IllegalStateException.class);
    }

    private String url() throws Exception {
        return cdn.api() + "/map#token=" + Files.readString(cdn.files().readerToken());
    }

    @Test
    void aDrainIsSeenInTheDrawingWhileItHappens() throws Exception {
        try (Chromium browser = new Chromium()) {
            browser.open(url());
            soon().untilAsserted(() -> {
                assertThat(browser.evaluate("document.getElementById('live').textContent"))
                        .isEqualTo("live");
                assertThat(browser.evaluate(
                                "[...document.querySelectorAll('.cluster')].map(c => c.dataset.cluster).join()"))
                        .isEqualTo("nyc,fra,sin");
                assertThat(browser.evaluate(DARMSTADT + "?.dataset.cluster")).isEqualTo("fra");
            });
            assertThat(browser.evaluate("location.hash"))
                    .as("the token does not stay in the address")
                    .isEmpty();
            save(browser, "before");
            String colour = browser.evaluate(DARMSTADT + ".getAttribute('fill')");

            assertThat(cdn.controlApi().post("/clusters/fra/drain", "").status())
                    .isEqualTo(200);
            try {
                soon().untilAsserted(() -> {
                    assertThat(
                                    browser.evaluate(
                                            "document.querySelector('.cluster[data-cluster=fra]').classList.contains('drained')"))
                            .isEqualTo("true");
                    assertThat(browser.evaluate(DARMSTADT + ".dataset.cluster")).isEqualTo("nyc");
                    assertThat(browser.evaluate(
                                    "document.querySelector('#clusters tr[data-cluster=fra] .state').textContent"))
                            .isEqualTo("drained");
                });
                assertThat(browser.evaluate(DARMSTADT + ".getAttribute('fill')"))
                        .isNotEqualTo(colour);
                assertThat(browser.evaluate("document.getElementById('notices').textContent"))
                        .contains("Drained: fra");
                save(browser, "drained");
            } finally {
                cdn.controlApi().post("/clusters/fra/undrain", "");
            }
            soon().untilAsserted(() ->
                    assertThat(browser.evaluate(DARMSTADT + ".dataset.cluster")).isEqualTo("fra"));
            assertThat(browser.complaints()).isEmpty();
        }
    }

    @Test
    void aPrefixIsExplainedWhenItIsChosen() throws Exception {
        try (Chromium browser = new Chromium()) {
            browser.open(url());
            soon().untilAsserted(
                            () -> assertThat(browser.evaluate("document.querySelectorAll('#prefixes tbody tr').length"))
                                    .isNotEqualTo("0"));
            browser.evaluate(
                    "[...document.querySelectorAll('#prefixes .link')].find(b => b.textContent === '133.11.0.0/16').click()");
            soon().untilAsserted(() -> assertThat(browser.evaluate("document.getElementById('answer').textContent"))
                    .contains("133.11.0.0/16 goes to sin: nearest usable.", "35.7° N 139.8° E", cdn.edge("sin")));
            assertThat(browser.complaints()).isEmpty();
        }
    }

    @Test
    void clustersNearEachOtherAndTheirNamesHideNothing() throws Exception {
        String overlaps =
                """
                (({spread, nameSpots, nameBox}, {project, WIDTH, HEIGHT}) => {
                  const places = [[-74, 40.7], [8.7, 50.1], [8.7, 50.1], [-0.1, 51.5], [4.9, 52.4], [18.1, 59.3], [103.8, 1.4], [-80.2, 25.8], [151.2, -33.9]];
                  const scale = 2.2;
                  const marks = spread(places.map(([lon, lat]) => project(lon, lat)), 24 * scale, WIDTH, HEIGHT).map(([x, y]) => ({x, y, width: 30}));
                  const spots = nameSpots(marks, scale, WIDTH, HEIGHT);
                  const names = marks.map((mark, i) => nameBox(mark, spots[i], scale));
                  const rings = marks.map(({x, y}) => [x - 10 * scale, y - 10 * scale, x + 10 * scale, y + 10 * scale]);
                  const meet = (a, b) => a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];
                  return names.flatMap((name, i) => names.map((other, j) => i !== j && (meet(name, other) || meet(name, rings[j])
                    || Math.hypot(marks[i].x - marks[j].x, marks[i].y - marks[j].y) < 23 * scale) ? `${i} ${j}` : ''))
                    .filter(text => text !== '').join();
                })(await import('./map/layout.js'), await import('./map/world.js'))""";
        try (Chromium browser = new Chromium()) {
            browser.open(url());
            soon().untilAsserted(() -> assertThat(browser.evaluate("document.querySelectorAll('.cluster').length"))
                    .isEqualTo("3"));
            assertThat(browser.evaluate(overlaps)).isEmpty();
            Files.write(LocalCdn.log("map").resolveSibling("map-narrow.png"), browser.screenshot(390, 844, true));
            soon().untilAsserted(() -> assertThat(Double.parseDouble(
                            browser.evaluate("document.querySelector('.cluster text').getBoundingClientRect().height")))
                    .as("a name can be read on a telephone")
                    .isGreaterThan(11));
        }
    }

    @Test
    void theMapStaysHiddenOnceTheTokenIsForgotten() throws Exception {
        try (Chromium browser = new Chromium()) {
            browser.open(url());
            soon().untilAsserted(() -> assertThat(browser.evaluate("document.querySelectorAll('.cluster').length"))
                    .isEqualTo("3"));
            // a picture that is hidden has another size, which is told in the first frame and would be drawn for in the
            // second
            assertThat(
                            browser.evaluate(
                                    """
                            await (document.getElementById('forget').click(), new Promise(done => {
                              const wait = frames => frames === 0 ? done(document.getElementById('view').hidden) : requestAnimationFrame(() => wait(frames - 1));
                              wait(4);
                            }))"""))
                    .isEqualTo("true");
            assertThat(browser.evaluate("document.getElementById('enter').hidden"))
                    .isEqualTo("false");
        }
    }

    @Test
    void withoutATokenNothingIsDrawn() throws Exception {
        try (Chromium browser = new Chromium()) {
            browser.open(cdn.api() + "/map");
            soon().untilAsserted(() -> assertThat(browser.evaluate("document.getElementById('enter').hidden"))
                    .isEqualTo("false"));
            browser.evaluate("(document.getElementById('token').value = 'no-token-of-this-place',"
                    + " document.getElementById('enter').requestSubmit())");
            soon().untilAsserted(() -> assertThat(browser.evaluate("document.getElementById('refused').textContent"))
                    .contains("the token is not known here"));
            assertThat(browser.evaluate("document.getElementById('view').hidden"))
                    .isEqualTo("true");
        }
    }

    /** For people to look at, beside the logs. */
    private static void save(Chromium browser, String name) throws Exception {
        Path picture = LocalCdn.log("map").resolveSibling("map-" + name + ".png");
        Files.write(picture, browser.screenshot(1280, 1000, false));
    }
}
