/**
 * The CDN as its users meet it: the real jars as processes on loopback, talked to with real {@code dig} and {@code curl}.
 *
 * <p><em>Starting points:</em> {@link com.kingcdn.systemtest.LocalCdn}, which starts and stops it; {@link
 * com.kingcdn.systemtest.LocalCdnExtension}, which shares one among the tests.
 */
@NullMarked
package com.kingcdn.systemtest;

import org.jspecify.annotations.NullMarked;
