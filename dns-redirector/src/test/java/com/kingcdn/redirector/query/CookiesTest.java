package com.kingcdn.redirector.query;

import static com.kingcdn.redirector.query.Asking.query;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.kingcdn.topology.IpPrefix;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.xbill.DNS.GenericEDNSOption;
import org.xbill.DNS.Type;

/** Server cookies, with the vectors of RFC 9018 appendix A. */
class CookiesTest {

    private static final String FIRST = "e5e973e5a6b2a43f48e7dc849e37bfcf";
    private static final String SECOND = "dd3bdf9344b678b185a6f5cb60fca715";
    private static final String NEW_SECRET = "445536bcd2513298075a5d379663c962";
    private static final long NOW = 1_559_731_985;

    @TempDir
    private Path directory;

    @Test
    void makesTheCookieOfTheStandard_rfc9018_a_1() throws Exception {
        assertThat(answered(FIRST, "198.51.100.100", NOW, "2464c4abcf10c957", CookieState.NEW))
                .isEqualTo("2464c4abcf10c957010000005cf79f111f8130c3eee29480");
    }

    @Test
    void renewsAnOldCookie_rfc9018_a_2() throws Exception {
        assertThat(answered(
                        FIRST,
                        "198.51.100.100",
                        1_559_734_385,
                        "2464c4abcf10c957010000005cf79f111f8130c3eee29480",
                        CookieState.OLD))
                .isEqualTo("2464c4abcf10c957010000005cf7a871d4a564a1442aca77");
    }

    @Test
    void hashesTheReservedBytesAsTheyCome_rfc9018_a_3() throws Exception {
        assertThat(answered(
                        FIRST,
                        "203.0.113.203",
                        1_559_734_700,
                        "fc93fc62807ddb8601abcdef5cf78f71a314227b6679ebf5",
                        CookieState.INVALID))
                .as("it is older than an hour")
                .startsWith("fc93fc62807ddb860100000");
        assertThat(answered(
                        FIRST,
                        "203.0.113.203",
                        0x5cf78f71L + 60,
                        "fc93fc62807ddb8601abcdef5cf78f71a314227b6679ebf5",
                        CookieState.VALID))
                .isEqualTo("fc93fc62807ddb8601abcdef5cf78f71a314227b6679ebf5");
    }

    @Test
    void acceptsTheFormerSecretAndAnswersWithTheNewOne_rfc9018_a_4() throws Exception {
        assertThat(answered(
                        NEW_SECRET + "\n" + SECOND,
                        "2001:db8:220:1:59de:d0f4:8769:82b8",
                        1_559_741_961,
                        "22681ab97d52c298010000005cf7c57926556bd0934c72f8",
                        CookieState.OLD))
                .isEqualTo("22681ab97d52c298010000005cf7c609a6bb79d16625507a");
    }

    @ParameterizedTest
    @CsvSource({"0, VALID", "1799, VALID", "1800, OLD", "3600, OLD", "3601, INVALID", "-300, VALID", "-301, INVALID"})
    void isGoodForAnHourAndFiveMinutesAhead_rfc9018_4_3(int age, CookieState state) throws Exception {
        answered(FIRST, "198.51.100.100", NOW + age, "2464c4abcf10c957010000005cf79f111f8130c3eee29480", state);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "2464c4abcf10c957010000005cf79f111f8130c3eee29481", // another hash
                "2464c4abcf10c957010000005cf79f121f8130c3eee29480", // another time
                "2464c4abcf10c956010000005cf79f111f8130c3eee29480", // another client cookie
                "2464c4abcf10c957020000005cf79f111f8130c3eee29480", // another version
                "2464c4abcf10c957010000005cf79f111f8130c3eee2948000", // another length
                "2464c4abcf10c957010000005cf79f11"
            })
    void refusesWhatItDidNotMake_rfc7873_5_2_4(String cookie) throws Exception {
        assertThat(answered(FIRST, "198.51.100.100", NOW, cookie, CookieState.INVALID))
                .hasSize(48)
                .startsWith(cookie.substring(0, 16));
    }

    @Test
    void refusesACookieOfAnotherAddress_rfc7873_5_2_4() throws Exception {
        answered(FIRST, "198.51.100.101", NOW, "2464c4abcf10c957010000005cf79f111f8130c3eee29480", CookieState.INVALID);
    }

    @Test
    void rollsAnInventedSecretEachDayAndForgetsTheFormerOne_rfc9018_5() {
        CookieSecrets secrets = CookieSecrets.random(0);
        CookieSecrets.Secret first = secrets.current();
        secrets.refresh(Duration.ofHours(23).toMillis());
        assertThat(secrets.accepted()).containsExactly(first);
        secrets.refresh(Duration.ofHours(24).toMillis());
        assertThat(secrets.accepted()).hasSize(2).last().isSameAs(first);
        assertThat(secrets.current()).isNotSameAs(first);
        secrets.refresh(Duration.ofHours(25).toMillis());
        assertThat(secrets.accepted()).hasSize(2);
        secrets.refresh(Duration.ofHours(26).toMillis());
        assertThat(secrets.accepted()).hasSize(1).doesNotContain(first);
    }

    @Test
    void readsItsFileAgainWhenThatHasChangedAndKeepsWhatItHasWhenItIsWrong() throws Exception {
        Path file = Files.writeString(directory.resolve("secrets"), "# of all redirectors\n\n" + FIRST + "\n");
        CookieSecrets secrets = CookieSecrets.of(file);
        assertThat(secrets.accepted()).hasSize(1);
        change(file, SECOND + "\n" + FIRST + "\n", 1);
        secrets.refresh(0);
        assertThat(secrets.accepted()).hasSize(2);
        change(file, "nonsense", 2);
        secrets.refresh(0);
        assertThat(secrets.accepted()).hasSize(2);
        Files.delete(file);
        secrets.refresh(0);
        assertThat(secrets.accepted()).hasSize(2);
    }

    /** As by an editor that empties it and writes it: both within one tick of the system's clock. */
    @Test
    void readsItsFileAgainUntilItCanBeUsed() throws Exception {
        Path file = Files.writeString(directory.resolve("secrets"), FIRST + "\n");
        CookieSecrets secrets = CookieSecrets.of(file);
        change(file, "", 1);
        secrets.refresh(0);
        FileTime time = Files.getLastModifiedTime(file);
        Files.writeString(file, SECOND + "\n" + FIRST + "\n");
        Files.setLastModifiedTime(file, time);
        secrets.refresh(0);
        assertThat(secrets.accepted()).hasSize(2);
    }

    @Test
    void saysWhichLineIsNoSecretWithoutPrintingIt() throws Exception {
        Path file = Files.writeString(directory.resolve("secrets"), FIRST + "\n" + SECOND + "00\n");
        assertThatThrownBy(() -> CookieSecrets.of(file))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("secrets:2: ")
                .hasMessageNotContaining(SECOND);
        Files.writeString(file, "# none\n");
        assertThatThrownBy(() -> CookieSecrets.of(file)).hasMessageContaining("1 to 8");
    }

    private static void change(Path file, String text, int seconds) throws IOException {
        Files.writeString(file, text);
        Files.setLastModifiedTime(file, FileTime.from(Instant.now().plusSeconds(60L * seconds)));
    }

    /** The cookie that answers one, in hexadecimal digits, after the one in the query was found to be of a state. */
    private String answered(String secrets, String address, long now, String cookie, CookieState state)
            throws IOException {
        CookieSecrets accepted = CookieSecrets.of(Files.writeString(directory.resolve("cookies"), secrets));
        Cookies cookies = new Cookies(accepted, () -> Instant.ofEpochSecond(now));
        InetAddress client = InetAddress.getByAddress(IpPrefix.parse(address).address());
        byte[] wire = query(
                "example.com.", Type.A, new GenericEDNSOption(10, HexFormat.of().parseHex(cookie)));
        QueryMessage message = QueryMessage.read(wire, wire.length);
        CookieState found = cookies.check(message, client);
        assertThat(found).isEqualTo(state);
        byte[] out = new byte[100];
        int end = cookies.write(message, found, client, out, 10);
        return HexFormat.of().formatHex(Arrays.copyOfRange(out, 14, end));
    }
}
