/**
 * The content store: named, typed, immutable versions of content in a directory, which survive a kill at any moment, and the catalogue
 * of what is there. Knows neither HTTP nor the network.
 *
 * <p><em>Starting points:</em> {@link com.kingcdn.origin.content.ContentStore}, {@link com.kingcdn.origin.content.ContentPath}.
 */
@NullMarked
package com.kingcdn.origin.content;

import org.jspecify.annotations.NullMarked;
