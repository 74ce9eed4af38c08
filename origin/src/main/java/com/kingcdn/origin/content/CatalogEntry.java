package com.kingcdn.origin.content;

/**
 * What is known of one piece of content, and the form in which it is kept beside it.
 *
 * @param path its name; see {@link ContentPath}
 * @param type media type, as in a Content-Type field
 * @param size in bytes
 * @param sha256 digest of the content, 64 hexadecimal digits in lower case
 * @param modifiedMillis when it was stored, Unix time in milliseconds
 * @param object name of the file that holds the bytes; another for each version
 */
public record CatalogEntry(String path, String type, long size, String sha256, long modifiedMillis, String object) {}
