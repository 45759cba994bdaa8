package io.cairn.testing.s3;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.xml.XMLConstants;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.SAXException;

/** The XML of the protocol: what is answered, and what comes in. */
final class S3Documents {

    private static final String HEAD = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
    private static final String NAMESPACE = " xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"";

    private S3Documents() {}

    static String error(S3Failure failure) {
        return HEAD
                + element(
                        "Error",
                        element("Code", escape(failure.code()))
                                + element("Message", escape(String.valueOf(failure.getMessage())))
                                + element("RequestId", "simulator"));
    }

    static String listing(
            S3Request request, List<SimulatedBucket.Listed> objects, int limit, boolean more) {
        StringBuilder contents = new StringBuilder();
        for (SimulatedBucket.Listed listed : objects) {
            contents.append(
                    element(
                            "Contents",
                            element("Key", name(request, listed.key())) + facts(listed.version())));
        }
        return root(
                "ListBucketResult",
                element("Name", request.bucket())
                        + encoding(request)
                        + element("KeyCount", Integer.toString(objects.size()))
                        + element("MaxKeys", Integer.toString(limit))
                        + element("IsTruncated", Boolean.toString(more))
                        + (more
                                ? element("NextContinuationToken", escape(objects.getLast().key()))
                                : "")
                        + contents);
    }

    static String versions(S3Request request, List<SimulatedBucket.Listed> versions) {
        StringBuilder contents = new StringBuilder();
        for (SimulatedBucket.Listed listed : versions) {
            String same =
                    element("Key", name(request, listed.key()))
                            + element("VersionId", listed.version().id())
                            + element("IsLatest", Boolean.toString(listed.latest()));
            contents.append(
                    listed.version().marker()
                            ? element(
                                    "DeleteMarker",
                                    same
                                            + element(
                                                    "LastModified",
                                                    listed.version().storedAt().toString()))
                            : element("Version", same + facts(listed.version())));
        }
        return root(
                "ListVersionsResult",
                element("Name", request.bucket())
                        + encoding(request)
                        + element("IsTruncated", "false")
                        + contents);
    }

    private static String facts(StoredVersion version) {
        return element("LastModified", version.storedAt().toString())
                + element("ETag", escape(version.etag()))
                + element("Size", Integer.toString(version.bytes().length))
                + element("StorageClass", version.storageClass());
    }

    private static String encoding(S3Request request) {
        return encoded(request) ? element("EncodingType", "url") : "";
    }

    private static boolean encoded(S3Request request) {
        return "url".equals(request.parameters().get("encoding-type"));
    }

    private static String name(S3Request request, String key) {
        return encoded(request)
                ? URLEncoder.encode(key, StandardCharsets.UTF_8).replace("+", "%20")
                : escape(key);
    }

    static String copied(StoredVersion version) {
        return root(
                "CopyObjectResult",
                element("LastModified", version.storedAt().toString())
                        + element("ETag", escape(version.etag())));
    }

    static String retention(Optional<StoredVersion.Lock> lock) {
        StoredVersion.Lock set =
                lock.orElseThrow(() ->
                        new S3Failure(
                                404,
                                "NoSuchObjectLockConfiguration",
                                "the object has no retention"));
        return root(
                "Retention",
                element("Mode", set.mode()) + element("RetainUntilDate", set.until().toString()));
    }

    static String legalHold(boolean placed) {
        return root("LegalHold", element("Status", placed ? "ON" : "OFF"));
    }

    static String tagging(Map<String, String> tags) {
        StringBuilder set = new StringBuilder();
        tags.forEach((key, value) ->
                set.append(
                        element(
                                "Tag",
                                element("Key", escape(key)) + element("Value", escape(value)))));
        return root("Tagging", element("TagSet", set.toString()));
    }

    static String objectLock() {
        return root("ObjectLockConfiguration", element("ObjectLockEnabled", "Enabled"));
    }

    static String versioning(boolean enabled) {
        return root("VersioningConfiguration", enabled ? element("Status", "Enabled") : "");
    }

    private static String root(String name, String content) {
        return HEAD + "<" + name + NAMESPACE + ">" + content + "</" + name + ">";
    }

    private static String element(String name, String content) {
        return "<" + name + ">" + content + "</" + name + ">";
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }

    // What comes in
    // --------------------------------------------------------------------------------------

    static StoredVersion.Lock readRetention(byte[] document) {
        Element root = parse(document);
        return new StoredVersion.Lock(
                text(root, "Mode"), Instant.parse(text(root, "RetainUntilDate")));
    }

    static boolean readLegalHold(byte[] document) {
        return text(parse(document), "Status").equals("ON");
    }

    static Map<String, String> readTagging(byte[] document) {
        Map<String, String> tags = new LinkedHashMap<>();
        NodeList found = parse(document).getElementsByTagName("Tag");
        for (int i = 0; i < found.getLength(); i++) {
            Element tag = (Element) found.item(i);
            tags.put(text(tag, "Key"), text(tag, "Value"));
        }
        return tags;
    }

    /** A retrieval from an archive: for how many days, how fast. */
    record Restore(int days, String tier) {}

    static Restore readRestore(byte[] document) {
        Element root = parse(document);
        return new Restore(
                Integer.parseInt(text(root, "Days")),
                root.getElementsByTagName("Tier").getLength() == 0
                        ? "Standard"
                        : text(root, "Tier"));
    }

    /** Refuses what is no XML. */
    static String readLifecycle(byte[] document) {
        parse(document);
        return new String(document, StandardCharsets.UTF_8);
    }

    private static String text(Element within, String name) {
        NodeList found = within.getElementsByTagName(name);
        if (found.getLength() == 0) {
            throw malformed("there is no " + name);
        }
        return found.item(0).getTextContent();
    }

    private static Element parse(byte[] document) {
        try {
            DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
            factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
            factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
            return factory.newDocumentBuilder()
                    .parse(new ByteArrayInputStream(document))
                    .getDocumentElement();
        } catch (ParserConfigurationException | SAXException | IOException e) {
            throw malformed(String.valueOf(e.getMessage()));
        }
    }

    private static S3Failure malformed(String why) {
        return new S3Failure(400, "MalformedXML", why);
    }
}
